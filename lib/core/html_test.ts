import assert from "node:assert/strict";
import { escapeHtml, visibleText } from "./html.ts";

Deno.test("visibleText shows what cannot be seen and keeps line feeds, tabs and other scripts", () => {
  assert.equal(visibleText("a\u0000b\u2066\n\tمرحبا"), "a‹U+0000›b‹U+2066›\n\tمرحبا");
  assert.equal(visibleText("\u202e\u001b[31m\r\u{1f40b}"), "‹U+202E›‹U+001B›[31m‹U+000D›\u{1f40b}");
  assert.equal(visibleText("\ud800"), "\ufffd");
});

Deno.test("escapeHtml leaves no markup, and nothing that turns a text around", () => {
  assert.equal(
    escapeHtml("</script>\u202e<b a='1'>&\""),
    "&lt;/script&gt;‹U+202E›&lt;b a=&#39;1&#39;&gt;&amp;&quot;",
  );
});
