"""Ingress in front of the cluster: DNS, certificates, Application Gateway and its WAF policy.

Components:
- `dns_and_key_vault.DnsAndKeyVault`: DNS zones and the key vault for certificates
- `application_gateway.WebApplicationFirewall`: an Application Gateway WAF_v2
- `application_gateway_for_containers.TrafficController`: Application Gateway for Containers
- `origin_address.OriginAddress`: a static public address of the ingress controller

`waf_policy` has the WAF policy, `application_gateway_config` the gateway's listeners and rules.
"""
