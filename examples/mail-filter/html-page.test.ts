import { describe, expect, it } from "vitest";
import { type HtmlPage, readHtml } from "./html-page.ts";

describe("readHtml", () => {
  it.each<[html: string, page: Partial<HtmlPage>]>([
    ["", { text: "", images: 0, colours: 0, links: [] }],
    ["a<b>b</b>c", { text: "abc" }],
    ["one<p>two<br>three", { text: "one\ntwo\nthree" }],
    ["5 &lt; 6 &amp;&nbsp;7 &#36;8", { text: "5 < 6 &\u00a07 $8" }],
    ["<script>var a = '<p>';</script>seen<style>p { color: red }</style>", { text: "seen" }],
    ["<!-- hidden -->seen", { text: "seen" }],
    ['<IMG SRC=a><img src="b">', { images: 2 }],
    ['<font size=2>a</font><td bgcolor="#fff"><hr color=red>', { colours: 3 }],
    [
      '<a href="http://x.org/?a=1&amp;b=2">x</a><a href=HTTPS://y.org>y</a>',
      { links: ["http://x.org/?a=1&b=2", "HTTPS://y.org"] },
    ],
    ['<a href="mailto:a@x.org"><a name=top><a href="#top">', { links: [] }],
    ["</style>seen", { text: "seen" }],
    ["<p>cut off <a href='http://x.org", { text: "\ncut off ", links: [] }],
  ])("reads %j", (html, page) => {
    expect(readHtml(html)).toMatchObject(page);
  });
});
