using System.Diagnostics;
using System.Text.Json;
using System.Text.RegularExpressions;
using Xunit;

namespace Trt.Tests;

/// <summary>The system's Chromium without a window: opens pages from files, and tells what came of them.</summary>
internal sealed partial class Chromium : IDisposable
{
    private const string Variable = "TRT_CHROMIUM";

    /// <summary>What stands at the end of a page's copy: it measures the page when it is loaded and leaves the answer in the document, and says a word on the console, so that a silent console is known to be heard.</summary>
    private const string Probe = """
        <script>
        addEventListener('load', () => {
          console.log('probe');
          const numbers = color => (color.match(/[\d.]+/g) || [0, 0, 0, 0]).map(Number);
          const light = ([r, g, b]) => [r, g, b].map(v => (v /= 255) <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4).reduce((s, v, i) => s + v * [0.2126, 0.7152, 0.0722][i], 0);
          const back = e => { for (; e; e = e.parentElement) { const c = numbers(getComputedStyle(e).backgroundColor); if (c.length === 3 || c[3] > 0) return c; } return [255, 255, 255]; };
          const texts = [...document.querySelectorAll('main *')].filter(e => [...e.childNodes].some(n => n.nodeType === 3 && n.data.trim()) && e.getClientRects().length && !['TITLE', 'DESC'].includes(e.tagName.toUpperCase()));
          const contrast = texts.map(e => { const s = getComputedStyle(e), a = light(numbers(e.closest('svg') ? s.fill : s.color)), b = light(back(e.closest('svg') || e)); return [(Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05), e.tagName + ' ' + e.textContent.slice(0, 30)]; }).sort((a, b) => a[0] - b[0])[0];
          const size = e => { const svg = e.closest('svg'); return parseFloat(getComputedStyle(e).fontSize) * (svg ? svg.getBoundingClientRect().width / svg.viewBox.baseVal.width : 1); };
          const boxes = [...document.querySelectorAll('svg')].filter(s => s.getClientRects().length);
          const outside = boxes.flatMap(s => [...s.querySelectorAll('text')].filter(t => { const a = t.getBoundingClientRect(), b = s.getBoundingClientRect(); return a.left < b.left - 1 || a.right > b.right + 1; }).map(t => t.textContent));
          const answer = {
            width: innerWidth, scrollWidth: document.documentElement.scrollWidth, dark: matchMedia('(prefers-color-scheme: dark)').matches,
            over: [...document.querySelectorAll('body *')].filter(e => !e.closest('svg') && !e.closest('.scroll') && e.getBoundingClientRect().right > innerWidth + 0.5).map(e => e.tagName + ' ' + e.textContent.slice(0, 30)),
            contrast: contrast[0], faintest: contrast[1], smallest: Math.min(...texts.map(size)), outside,
            drawings: boxes.map(s => s.getAttribute('class') + ' ' + s.querySelector('title').textContent), resources: performance.getEntriesByType('resource').map(r => r.name)
          };
          const pre = parent.document.createElement('pre'); pre.id = 'probe'; pre.textContent = JSON.stringify(answer); parent.document.body.append(pre);
        });
        </script>
        """;

    private readonly string program;
    private readonly string folder = Directory.CreateTempSubdirectory().FullName;

    private Chromium(string program) => this.program = program;

    /// <summary>Finds it: where TRT_CHROMIUM says, else on the PATH. Without it the test is skipped.</summary>
    public static Chromium FindOrSkip()
    {
        string? said = Environment.GetEnvironmentVariable(Variable);
        string? found = string.IsNullOrEmpty(said)
            ? (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).SelectMany(folder => new[] { "chromium", "chromium-browser", "google-chrome" }.Select(name => Path.Combine(folder, name))).FirstOrDefault(File.Exists)
            : said;
        Skip.If(found is null, $"There is no Chromium: install Debian's package chromium, or set {Variable} to the program.");
        return new Chromium(found!);
    }

    /// <summary>Opens a copy of a page, with the probe in it, and gives the probe's answer. Fails when the page said anything on the console.</summary>
    public JsonElement Measure(string page, int width, bool dark = false)
    {
        // The page's own policy allows no script at all.
        string html = Policy().Replace(File.ReadAllText(page), "");
        string copy = Path.Combine(folder, "frame.html");
        string content = System.Net.WebUtility.HtmlEncode(html.Replace("</body>", Probe + "</body>", StringComparison.Ordinal));

        // In a frame, since a window is never narrower than 500 pixels.
        File.WriteAllText(copy, $"<!DOCTYPE html><meta charset=\"utf-8\"><meta name=\"color-scheme\" content=\"light dark\"><body><iframe style=\"width:{width}px;height:1000px;border:0\" srcdoc=\"{content}\"></iframe></body>");
        (string dom, string log) = Run(copy, Math.Max(width, 600) + 40, 1200, dark, "--dump-dom");
        string console = string.Join('\n', log.Split('\n').Where(line => line.Contains("CONSOLE", StringComparison.Ordinal)));
        Assert.Contains("\"probe\"", console, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', console);
        Match answer = Answer().Match(dom);
        Assert.True(answer.Success, dom[..Math.Min(dom.Length, 500)]);
        return JsonDocument.Parse(System.Net.WebUtility.HtmlDecode(answer.Groups[1].Value)).RootElement;
    }

    /// <summary>Opens the page itself and takes a picture.</summary>
    /// <returns>The PNG.</returns>
    public byte[] Screenshot(string page, int width, int height, bool dark = false)
    {
        string png = Path.Combine(folder, "page.png");
        File.Delete(png);
        (_, string log) = Run(page, width, height, dark, $"--screenshot={png}");
        Assert.DoesNotContain("CONSOLE", log, StringComparison.Ordinal);
        return File.ReadAllBytes(png);
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);

    private (string Output, string Log) Run(string page, int width, int height, bool dark, string what)
    {
        string[] arguments =
        [
            "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars", "--no-first-run", "--disable-extensions", "--disable-background-networking", "--enable-logging=stderr",
            $"--user-data-dir={Path.Combine(folder, "profile")}", $"--window-size={width},{height}", $"--blink-settings=preferredColorScheme={(dark ? 0 : 1)}", what, new Uri(page).AbsoluteUri,
        ];
        using Process process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        Task<string> output = process.StandardOutput.ReadToEndAsync(), log = process.StandardError.ReadToEndAsync();
        if (!process.WaitForExit(TimeSpan.FromMinutes(2)))
        {
            process.Kill(entireProcessTree: true);
            Assert.Fail($"Chromium did not end: {program} {string.Join(' ', arguments)}");
        }

        Assert.True(process.ExitCode == 0, log.Result);
        return (output.Result, log.Result);
    }

    [GeneratedRegex("<meta http-equiv=\"Content-Security-Policy\"[^>]*>")]
    private static partial Regex Policy();

    [GeneratedRegex("<pre id=\"probe\">(.*?)</pre>")]
    private static partial Regex Answer();
}
