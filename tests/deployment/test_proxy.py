"""What haproxy.cfg does, with a real HAProxy: who goes first, what is sent again, which headers are believed."""

from __future__ import annotations

from tests.deployment.conftest import DROPPED, Proxied, Proxy

PAGES = 20
FIRST = "    http-request set-priority-class int(-1) unless METH_GET\n"
NEVER_POSTS = "    http-request disable-l7-retry if METH_POST\n"


def as_shipped(text: str) -> str:
    """The configuration as it is."""
    return text


def without(line: str, text: str) -> str:
    """The configuration without one of its lines."""
    assert text.count(line) == 1
    return text.replace(line, "")


def order_of_a_crowd(proxied: Proxied) -> list[str]:
    """Methods in the order in which they reach a server that was busy while pages, an answer and an end queued."""
    sent = [proxied.hold()]
    sent += [proxied.send("GET", f"/attempts/{number}") for number in range(PAGES)]
    proxied.wait_for_waiting(PAGES)
    sent.append(proxied.send("PUT", "/attempts/1/responses/1"))
    proxied.wait_for_waiting(PAGES + 1)
    sent.append(proxied.send("POST", "/attempts/2/end"))
    proxied.wait_for_waiting(PAGES + 2)
    proxied.go_on.set()
    assert [proxied.status(one) for one in sent] == [200] * len(sent)
    return [one.method for one in proxied.reached[1:]]


def test_f32_answers_and_ends_go_before_the_pages_that_came_earlier(proxy: Proxy) -> None:
    with proxy(as_shipped) as proxied:
        assert order_of_a_crowd(proxied) == ["PUT", "POST", *["GET"] * PAGES]


def test_without_its_line_answers_and_ends_wait_for_all_pages(proxy: Proxy) -> None:
    with proxy(lambda text: without(FIRST, text)) as proxied:
        assert order_of_a_crowd(proxied) == [*["GET"] * PAGES, "PUT", "POST"]


def times(proxied: Proxied, method: str) -> int:
    """How often a request reaches a server that hangs up on it."""
    assert proxied.status(proxied.send(method, DROPPED)) in (502, 503)
    return len(proxied.reached)


def test_a_save_is_sent_again_when_the_server_hangs_up(proxy: Proxy) -> None:
    with proxy(as_shipped) as proxied:
        assert times(proxied, "PUT") > 1


def test_a_start_or_an_end_is_never_sent_again(proxy: Proxy) -> None:
    with proxy(as_shipped) as proxied:
        assert times(proxied, "POST") == 1


def test_without_its_line_an_end_would_be_sent_again(proxy: Proxy) -> None:
    with proxy(lambda text: without(NEVER_POSTS, text)) as proxied:
        assert times(proxied, "POST") > 1


def test_what_a_browser_says_about_where_it_comes_from_is_replaced(proxy: Proxy) -> None:
    with proxy(as_shipped) as proxied:
        claims = "X-Forwarded-For: 192.0.2.7\r\nX-Forwarded-Proto: https\r\n"
        assert proxied.status(proxied.send("GET", "/", claims)) == 200
        (reached,) = proxied.reached
    told = [
        (name.lower(), value) for name, value in reached.headers if name.lower().startswith("x-forwarded")
    ]
    assert sorted(told) == [("x-forwarded-for", "127.0.0.1"), ("x-forwarded-proto", "http")]
