{"name": "Grace"}
