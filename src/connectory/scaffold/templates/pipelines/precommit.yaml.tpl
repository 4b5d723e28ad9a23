repos:
  - repo: local
    hooks:
      - id: yamllint
        name: yamllint
        entry: yamllint
        language: python
        additional_dependencies: [yamllint]
        files: ^(connectors|policies)/.*\.ya?ml$
      - id: connectory-vet
        name: connectory vet
        entry: sh -c 'connectory vet connectors/*/'
        language: python
        additional_dependencies: ["connectory==<<version>>"]
        files: ^connectors/
        pass_filenames: false
