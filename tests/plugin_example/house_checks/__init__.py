"""Every module in this package is a check; its file name is the name of the check."""
