"""The JSON interface, its OpenAPI document and the traces."""
