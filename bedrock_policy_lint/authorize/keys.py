"""Which condition keys can hold several values in one request."""

from __future__ import annotations

_KEYS = """
aws-marketplace:agreementtype aws-marketplace:productid aws:calledvia aws:principalorgpaths
aws:principalservicenameslist aws:resourceorgpaths aws:sourceorgpaths aws:tagkeys aws:vpceorgpaths
bedrock-agentcore:allowedqueryparameters bedrock-agentcore:allowedrequestheaders
bedrock-agentcore:allowedresponseheaders bedrock-agentcore:credentialproviderscope
bedrock-agentcore:inboundjwtclaim/aud bedrock-agentcore:inboundjwtclaim/scope
bedrock-agentcore:securitygroups bedrock-agentcore:subnets bedrock-mantle:files
iam:accountpropertynamespaces saml:cn saml:eduorghomepageuri saml:eduorgidentityauthnpolicyuri
saml:eduorglegalname saml:eduorgsuperioruri saml:eduorgwhitepagesuri saml:edupersonaffiliation
saml:edupersonassurance saml:edupersonentitlement saml:edupersonnickname saml:edupersonorgunitdn
saml:edupersonscopedaffiliation saml:edupersontargetedid sts:identitytokenaudience
sts:requestcontextproviders sts:transitivetagkeys
"""
MULTIVALUED = frozenset(_KEYS.split())
"""In lower case: every such key that the catalogue knows, written out so that the evaluator need not load it.

They are those of the type `ArrayOf...` in the Service Authorization Reference, and the multivalued ones among the
global keys (reference_policies_condition-keys). AWS wants a set operator for them and no variable
(reference_policies_condition-single-vs-multi-valued-context-keys), and does not say what comes of anything else.
"""
