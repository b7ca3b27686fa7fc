"""What goes on between scans: the state that they leave, and who looks after it."""
