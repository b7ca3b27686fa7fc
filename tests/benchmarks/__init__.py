"""The budgets, measured as ratios against public tools on the same files in the same run."""
