# Vets connectors in pull requests and publishes them when they are merged.
# Needs the secret CATALOG_TOKEN: `connectory token create ci --scope publish --days 90`.
name: Connectors
on:
  pull_request:
    paths: ["connectors/**", "policies/**", ".github/workflows/connectors.yml"]
  push:
    branches: [<<branch>>]
    paths: ["connectors/**", "policies/**"]
permissions:
  contents: read
jobs:
  vet:
    runs-on: ubuntu-latest
    permissions:
      contents: read
      security-events: write
    steps:
      - uses: actions/checkout@v4
        with:
          persist-credentials: false
      - uses: actions/setup-python@v5
        with:
          python-version: "3.13"
      - run: pip install "connectory==<<version>>" yamllint
      - run: yamllint connectors
      - name: Vet
        run: connectory vet connectors/*/ --format github
      - name: Write SARIF
        if: always()
        run: connectory vet connectors/*/ --format sarif --output vet.sarif || test -s vet.sarif
      - uses: github/codeql-action/upload-sarif@v3
        if: always()
        continue-on-error: true  # a repository may be without code scanning
        with:
          sarif_file: vet.sarif
  publish:
    if: github.event_name == 'push'
    needs: vet
    runs-on: ubuntu-latest
    concurrency: publish-connectors
    steps:
      - uses: actions/checkout@v4
        with:
          persist-credentials: false
      - uses: actions/setup-python@v5
        with:
          python-version: "3.13"
      - run: pip install "connectory==<<version>>"
      - name: Publish
        env:
          CONNECTORY_URL: <<url>>
          CONNECTORY_TOKEN: ${{ secrets.CATALOG_TOKEN }}
        run: connectory publish connectors/*/
