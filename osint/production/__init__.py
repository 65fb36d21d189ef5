"""What a prosecutor hands to the other side: a package in which every item ever stored has one fate and says which."""
