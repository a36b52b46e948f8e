"""The drop-in against pulumi_policy's own server."""
