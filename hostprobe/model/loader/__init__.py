"""A static simulation of the dynamic linker: search, load order, scope, lookup, bindings."""
