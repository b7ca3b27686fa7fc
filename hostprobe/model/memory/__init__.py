"""Threads, address space and memory that the processes of one httpd need, and may have."""
