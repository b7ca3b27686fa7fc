"""What applications do to each other because they share a process or an interpreter."""
