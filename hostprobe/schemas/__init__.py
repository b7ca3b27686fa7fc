"""The published forms of every JSON that hostprobe writes or reads."""
