"""CycloneDX documents (SBOMs): written for a layer, read for comparisons."""
