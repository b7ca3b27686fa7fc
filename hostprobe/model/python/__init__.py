"""What the embedded Python would find: environment, imports, extensions."""
