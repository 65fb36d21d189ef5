"""What asks the collectors and keeps what they bring: runs, imports, revisits, watches, checks of names, estimates."""
