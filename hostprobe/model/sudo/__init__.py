"""What sudo would allow and hand on, from its configuration alone."""
