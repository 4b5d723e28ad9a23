# Vets connectors in merge requests and publishes them when they are merged.
# Needs the masked variable CATALOG_TOKEN: `connectory token create ci --scope publish --days 90`.
stages: [vet, publish]
default:
  image: python:3.13-slim
vet:
  stage: vet
  rules:
    - if: $CI_PIPELINE_SOURCE == "merge_request_event"
    - if: $CI_COMMIT_BRANCH == "<<branch>>"
  script:
    - pip install "connectory==<<version>>" yamllint
    - yamllint connectors
    - connectory vet connectors/*/ --format junit --output vet.xml || test -s vet.xml
    - connectory vet connectors/*/
  artifacts:
    when: always
    reports:
      junit: vet.xml
publish:
  stage: publish
  rules:
    - if: $CI_COMMIT_BRANCH == "<<branch>>"
  resource_group: publish-connectors
  variables:
    CONNECTORY_URL: <<url>>
    CONNECTORY_TOKEN: $CATALOG_TOKEN
  script:
    - pip install "connectory==<<version>>"
    - connectory publish connectors/*/
