"""CycloneDX documents: written for a layer, read for comparisons."""
