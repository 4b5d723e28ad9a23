"""Licences as manifests and packages name them, labelled accepted or refused.

The list of accepted ones is the shipped list. `{E}` cases are expressions in a manifest, the
others headers of a Python package. What is no expression of SPDX, or says nothing certain, has
to be refused: nobody has read it.
"""

from collections.abc import Iterator

from labelled import FINE, Case

REFUSED = "refused"
SPDX = "SPDX Specification, Annex: SPDX license expressions"
DEPRECATED = "SPDX License List, deprecated identifiers"
CORE = "PyPA, Core metadata specifications"
TROVE = "PyPI, classifiers"
NPM = "npm Docs, package.json, license"
CARGO = "The Cargo Book, license"

EXPRESSIONS = (
    ("MIT", FINE, SPDX),
    ("Apache-2.0", FINE, SPDX),
    ("mit", FINE, SPDX),
    ("apache-2.0", FINE, SPDX),
    ("Apache-2.0+", FINE, SPDX),
    ("MPL-2.0+", FINE, SPDX),
    ("MIT OR GPL-3.0-only", FINE, SPDX),
    ("GPL-3.0-only OR MIT", FINE, SPDX),
    ("MIT AND BSD-3-Clause", FINE, SPDX),
    ("(MIT)", FINE, SPDX),
    ("(MIT OR GPL-2.0-or-later) AND (ISC OR AGPL-3.0-only)", FINE, SPDX),
    ("MIT OR GPL-3.0-only AND AGPL-3.0-only", FINE, SPDX),
    ("GPL-3.0-only AND AGPL-3.0-only OR MIT", FINE, SPDX),
    ("Apache-2.0 WITH LLVM-exception", FINE, SPDX),
    ("Apache-2.0 WITH LLVM-exception OR GPL-2.0-only", FINE, SPDX),
    ("MIT or GPL-3.0-only", FINE, SPDX),
    ("LicenseRef-Internal", FINE, SPDX),
    ("LicenseRef-Proprietary OR MIT", FINE, SPDX),
    ("0BSD", FINE, SPDX),
    ("GPL-3.0-only", REFUSED, SPDX),
    ("GPL-3.0-or-later", REFUSED, SPDX),
    ("AGPL-3.0-only", REFUSED, SPDX),
    ("LGPL-2.1-or-later", REFUSED, SPDX),
    ("gpl-3.0-ONLY", REFUSED, SPDX),
    ("MIT AND GPL-3.0-only", REFUSED, SPDX),
    ("GPL-3.0-only AND MIT", REFUSED, SPDX),
    ("(MIT OR Apache-2.0) AND GPL-2.0-only", REFUSED, SPDX),
    ("GPL-2.0-only OR AGPL-3.0-only", REFUSED, SPDX),
    ("GPL-2.0-only WITH Classpath-exception-2.0", REFUSED, SPDX),
    ("MIT AND (BSD-3-Clause AND (ISC AND GPL-2.0-only))", REFUSED, SPDX),
    ("CC-BY-NC-4.0", REFUSED, SPDX),
    ("BUSL-1.1", REFUSED, SPDX),
    ("SSPL-1.0", REFUSED, SPDX),
    ("LicenseRef-scancode-unknown", REFUSED, SPDX),
    ("DocumentRef-x:LicenseRef-Internal", REFUSED, SPDX),
    ("MIT AND LicenseRef-Other", REFUSED, SPDX),
    ("NOASSERTION", REFUSED, SPDX),
    ("NONE", REFUSED, SPDX),
    ("MIT WITH Unheard-exception", REFUSED, SPDX),
    ("GPL-2.0", REFUSED, DEPRECATED),
    ("GPL-2.0+", REFUSED, DEPRECATED),
    ("AGPL-3.0", REFUSED, DEPRECATED),
    ("LGPL-2.1+ OR GPL-2.0+", REFUSED, DEPRECATED),
    ("GPL-2.0-with-classpath-exception", REFUSED, DEPRECATED),
    ("MIT OR GPL-2.0+", FINE, DEPRECATED),
    ("MIT/Apache-2.0", REFUSED, CARGO),
    ("UNLICENSED", REFUSED, NPM),
    ("SEE LICENSE IN LICENSE.txt", REFUSED, NPM),
    ("Beerware", REFUSED, SPDX),
)
OSI = "Classifier: License :: OSI Approved"
HEADERS = (
    ("License-Expression: MIT", FINE, CORE),
    ("License-Expression: Apache-2.0 OR BSD-3-Clause", FINE, CORE),
    ("License-Expression: MIT AND PSF-2.0", FINE, CORE),
    ("License-Expression: GPL-3.0-or-later", REFUSED, CORE),
    ("License-Expression: MIT AND LGPL-3.0-only", REFUSED, CORE),
    (f"License-Expression: GPL-3.0-only\n{OSI} :: MIT License", REFUSED, CORE),
    ("License-File: LICENSE", REFUSED, CORE),
    ("Summary: A library under the MIT License", REFUSED, CORE),
    ("License: MIT", FINE, CORE),
    ("License: MIT License", FINE, CORE),
    ("License: Apache 2.0", FINE, CORE),
    ("License: Apache License, Version 2.0", FINE, CORE),
    ("License: Apache-2.0 OR BSD-3-Clause", FINE, CORE),
    ("License: MIT AND GPL-3.0-only", REFUSED, CORE),
    ("License: GPLv3", REFUSED, CORE),
    ("License: LGPL", REFUSED, CORE),
    ("License: Proprietary", REFUSED, CORE),
    ("License: UNKNOWN", REFUSED, CORE),
    (f"License: UNKNOWN\n{OSI} :: MIT License", FINE, CORE),
    (
        f"License: Dual License\n{OSI} :: BSD License\n{OSI} :: Apache Software License",
        FINE,
        TROVE,
    ),
    (f"{OSI} :: MIT License", FINE, TROVE),
    (f"{OSI}\n{OSI} :: MIT License", FINE, TROVE),
    (f"{OSI} :: ISC License (ISCL)", FINE, TROVE),
    (f"{OSI} :: Python Software Foundation License", FINE, TROVE),
    (f"{OSI} :: Mozilla Public License 2.0 (MPL 2.0)", FINE, TROVE),
    (f"{OSI} :: The Unlicense (Unlicense)", FINE, TROVE),
    (OSI, REFUSED, TROVE),
    (f"{OSI} :: GNU General Public License v3 (GPLv3)", REFUSED, TROVE),
    (f"{OSI} :: GNU General Public License v3 or later (GPLv3+)", REFUSED, TROVE),
    (f"{OSI} :: GNU Affero General Public License v3", REFUSED, TROVE),
    (f"{OSI} :: GNU Lesser General Public License v2 or later (LGPLv2+)", REFUSED, TROVE),
    (f"{OSI} :: MIT License\n{OSI} :: GNU General Public License v2 (GPLv2)", REFUSED, TROVE),
    ("Classifier: License :: Other/Proprietary License", REFUSED, TROVE),
    (f"{OSI} :: MIT License\nClassifier: License :: Other/Proprietary License", REFUSED, TROVE),
    ("Classifier: License :: Free for non-commercial use", REFUSED, TROVE),
)


def expressions() -> Iterator[Case[str]]:
    """Give the cases of manifests."""
    for text, verdict, source in EXPRESSIONS:
        yield Case(text, text, verdict, source)


def headers() -> Iterator[Case[str]]:
    """Give the cases of Python packages."""
    for text, verdict, source in HEADERS:
        yield Case(text.replace("\n", " | "), text, verdict, source)
