"""What Python and the browser say to each other, written once, as types.

``codes`` holds what is compared, ``words`` what a reader sees instead; ``run``,
``pictures``, ``listing``, ``training``, ``compare`` and ``sweep`` hold the messages,
``rows`` writes that of a run in the list, ``routes`` says which route answers which,
``pages`` holds what a page hands to its scripts. ``declare`` writes all of it as
``contract.d.ts``, which the scripts are checked against; a test checks what the routes
really answer.
"""
