"""Scripts that install a project's dependencies inside the build image, without this library."""
