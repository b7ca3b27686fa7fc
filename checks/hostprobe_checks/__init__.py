"""hostprobe's own checks, one file each; found through the entry point like any other package's."""
