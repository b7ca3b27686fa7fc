"""What the facts imply: pure functions over facts and the Files protocol."""
