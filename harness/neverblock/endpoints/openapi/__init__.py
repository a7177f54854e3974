"""An OpenAPI document in, requests that can be fired out."""
