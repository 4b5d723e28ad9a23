# After a change, write the lock again:
#   python -m uv pip compile --generate-hashes --only-binary :all: --find-links wheels \
#     requirements.in --output-file requirements.lock
# `connectory package` and `connectory publish` fetch the wheels that the lock names.
connectory-sdk==<<sdk>>
