"""Prints what is installed beside Priemnaya as a CycloneDX 1.5 document: name, version, licence, package URL.

Run by the interpreter of the environment that is described (deploy/deb.sh, deploy/wheelhouse.sh).
"""

import json
import sys
from importlib.metadata import Distribution, distributions


def component(found: Distribution) -> dict[str, object]:
    """One installed distribution."""
    name, licence = found.metadata["Name"], _licence(found)
    return {
        "type": "application" if name == "priemnaya" else "library",
        "name": name,
        "version": found.version,
        "purl": f"pkg:pypi/{name.lower().replace('_', '-')}@{found.version}",
        **({"licenses": [{"license": {"name": licence}}]} if licence else {}),
    }


def _licence(found: Distribution) -> str:
    said = found.metadata.get("License-Expression") or ""
    classifiers = found.metadata.get_all("Classifier") or ()
    named = [one.rpartition(" :: ")[2] for one in classifiers if one.startswith("License")]
    free = (found.metadata.get("License") or "").strip().partition("\n")[0]  # some put the whole text there
    return str(said or ", ".join(named) or free[:80])


def main() -> None:
    """Prints the document."""
    found = sorted(distributions(), key=lambda one: one.metadata["Name"].lower())
    components = [component(one) for one in found]
    document = {"bomFormat": "CycloneDX", "specVersion": "1.5", "version": 1, "components": components}
    json.dump(document, sys.stdout, ensure_ascii=False, indent=1)
    print()


if __name__ == "__main__":
    main()
