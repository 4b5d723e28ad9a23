"""One place, many spellings: region names of the cloud providers.

A manifest may name the region of its provider (`us-east1` on Cloud Run) while a policy lists
the region in another provider's spelling (`us-east-1`). Before a policy looks at a region, the
name is turned into one canonical spelling; answers show both. Regions share a row only if they
are in the same country, because residency rules are about countries.

Mind the trap that made this table necessary: Google's `us-west2` is Los Angeles and Amazon's
`us-west-2` is Oregon, so names are looked up whole and never compared loosely.
"""

from dataclasses import dataclass
from types import MappingProxyType

AWS, GOOGLE, AZURE = "aws", "google", "azure"

CLOUD_OF_PROVIDER = MappingProxyType(
    {
        "aws": AWS,
        "lambda": AWS,
        "fargate": AWS,
        "ecs": AWS,
        "eks": AWS,
        "gcp": GOOGLE,
        "google": GOOGLE,
        "cloudrun": GOOGLE,
        "cloud-run": GOOGLE,
        "gke": GOOGLE,
        "azure": AZURE,
        "azure-functions": AZURE,
        "container-apps": AZURE,
        "aks": AZURE,
    }
)

# The canonical name is Amazon's. The first name of a cloud is the one to deploy to.
_ROWS: tuple[tuple[str, tuple[str, ...], tuple[str, ...]], ...] = (
    ("us-east-1", ("us-east1", "us-east4"), ("eastus", "eastus2")),
    ("us-east-2", ("us-east5",), ()),
    ("us-west-1", ("us-west2",), ("westus",)),
    ("us-west-2", ("us-west1",), ("westus2",)),
    ("ca-central-1", ("northamerica-northeast1",), ("canadacentral",)),
    ("sa-east-1", ("southamerica-east1",), ("brazilsouth",)),
    ("eu-west-1", (), ("northeurope",)),
    ("eu-west-2", ("europe-west2",), ("uksouth",)),
    ("eu-west-3", ("europe-west9",), ("francecentral",)),
    ("eu-central-1", ("europe-west3",), ("germanywestcentral",)),
    ("eu-central-2", ("europe-west6",), ("switzerlandnorth",)),
    ("eu-north-1", ("europe-north2",), ("swedencentral",)),
    ("eu-south-1", ("europe-west8",), ("italynorth",)),
    ("eu-south-2", ("europe-southwest1",), ("spaincentral",)),
    ("il-central-1", ("me-west1",), ("israelcentral",)),
    ("me-central-1", (), ("uaenorth",)),
    ("af-south-1", ("africa-south1",), ("southafricanorth",)),
    ("ap-east-1", ("asia-east2",), ("eastasia",)),
    ("ap-south-1", ("asia-south1",), ("centralindia",)),
    ("ap-northeast-1", ("asia-northeast1",), ("japaneast",)),
    ("ap-northeast-2", ("asia-northeast3",), ("koreacentral",)),
    ("ap-northeast-3", ("asia-northeast2",), ("japanwest",)),
    ("ap-southeast-1", ("asia-southeast1",), ("southeastasia",)),
    ("ap-southeast-2", ("australia-southeast1",), ("australiaeast",)),
    ("ap-southeast-3", ("asia-southeast2",), ("indonesiacentral",)),
    ("ap-southeast-4", ("australia-southeast2",), ("australiasoutheast",)),
)

_CANONICAL = MappingProxyType(
    {name: aws for aws, google, azure in _ROWS for name in (aws, *google, *azure)}
)
_SPELLINGS = MappingProxyType(
    {aws: {AWS: (aws,), GOOGLE: google, AZURE: azure} for aws, google, azure in _ROWS}
)


@dataclass(frozen=True, slots=True)
class Region:
    """A region as it was written and as policies compare it."""

    given: str
    canonical: str

    def __str__(self) -> str:
        if self.given == self.canonical:
            return self.given
        return f"{self.given} ({self.canonical})"


def resolve(name: str) -> Region:
    """Return the region with its canonical spelling; an unknown name is its own canon."""
    return Region(given=name, canonical=_CANONICAL.get(name, name))


def spelled_for(name: str, provider: str) -> str | None:
    """Return how the provider of a runtime spells this region.

    Returns:
        The provider's own name; the name as given when the provider is no known cloud or the
        place is unknown; None when the cloud has no region in that place.
    """
    cloud = CLOUD_OF_PROVIDER.get(provider)
    spellings = _SPELLINGS.get(_CANONICAL.get(name, name))
    if cloud is None or spellings is None:
        return name
    names = spellings[cloud]
    if name in names:
        return name
    return names[0] if names else None


def is_allowed(name: str, allowed: tuple[str, ...]) -> bool:
    """Whether a region is in a list of regions, whichever spelling each of them uses."""
    return resolve(name).canonical in {resolve(each).canonical for each in allowed}
