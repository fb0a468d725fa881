"""Files that leave a page by the menu of a panel."""

SAVED = """
    const done = arguments[arguments.length - 1];
    document.addEventListener("grokdash:saved", async ({detail: {name, blob}}) => {
      done([name, Array.from(new Uint8Array(await blob.arrayBuffer()))]);
    }, {once: true});
    document.querySelector(`#panel-menu [data-act=${arguments[0]}]`).click();
"""


def chosen(page, panel: str, code: str) -> tuple[str, bytes]:
    """Choose from the menu of a panel; give the name of the file and what is in it."""
    button = f"document.querySelector('{panel} [data-act=menu]')"
    page.run(f"{button}.focus(); {button}.click()")
    page.until("document.querySelector('#panel-menu.show')")
    name, numbers = page.later(SAVED, code)
    return name, bytes(numbers)
