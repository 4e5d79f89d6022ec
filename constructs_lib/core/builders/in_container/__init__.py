"""What each tool is asked to do. Each module also runs alone inside a build image, with the standard library only."""
