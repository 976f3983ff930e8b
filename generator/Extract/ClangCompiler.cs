using System.ComponentModel;
using System.Diagnostics;
using System.Text;
using System.Text.RegularExpressions;

namespace Trt.Generator.Extract;

/// <summary>Clang as a program: found once, run with the header folders of one release.</summary>
internal sealed partial class ClangCompiler
{
    /// <summary>Oldest major version whose dumps have the form that is read here.</summary>
    public const int OldestVersion = 17;

    private readonly string ownHeaders;

    private ClangCompiler(string path, int version)
    {
        CompilerPath = path;
        Version = version;
        ownHeaders = Path.Combine(Encoding.UTF8.GetString(Start(path, ["-print-resource-dir"]).Standard).Trim(), "include");
    }

    /// <summary>The program that runs.</summary>
    public string CompilerPath { get; }

    /// <summary>Its major version.</summary>
    public int Version { get; }

    /// <summary>Finds clang: the environment variable CLANG, then clang++-19, then clang++.</summary>
    /// <exception cref="ExtractException">There is none, or it is too old.</exception>
    public static ClangCompiler Find() => Find(Environment.GetEnvironmentVariable("CLANG") is { Length: > 0 } named ? [named] : ["clang++-19", "clang++"]);

    /// <summary>Takes the first of these programs that starts.</summary>
    public static ClangCompiler Find(IReadOnlyList<string> candidates)
    {
        foreach (string candidate in candidates)
        {
            Output output;
            try
            {
                output = Start(candidate, ["--version"]);
            }
            catch (Win32Exception)
            {
                continue;
            }
            string text = Encoding.UTF8.GetString(output.Standard.AsMemory().Span);
            if (VersionPattern().Match(text) is not { Success: true } match)
            {
                throw new ExtractException($"{candidate} is not clang: `{candidate} --version` printed \"{FirstLine(text)}\". Set CLANG to clang++ {OldestVersion} or newer.");
            }
            int version = int.Parse(match.Groups[1].Value, System.Globalization.CultureInfo.InvariantCulture);
            return version >= OldestVersion
                ? new ClangCompiler(candidate, version)
                : throw new ExtractException($"{candidate} is clang {version}; extraction needs clang {OldestVersion} or newer. Install clang-19, or set CLANG to a newer clang++.");
        }
        throw new ExtractException($"clang was not found: tried {string.Join(", ", candidates)}. Install it (on Debian and Ubuntu: apt-get install clang-19), or set CLANG to the path of clang++.");
    }

    /// <summary>Compiles a source file and gives what clang printed.</summary>
    /// <param name="target">Platform.</param>
    /// <param name="includes">Header folders, first come first searched. Clang's own headers come right after the first, so that a system folder among the others does not hide them.</param>
    /// <param name="source">File to compile.</param>
    /// <param name="arguments">Options of the dump.</param>
    /// <exception cref="ExtractException">It does not compile; the message starts with file, line and column of the first error.</exception>
    public byte[] Compile(Target target, IEnumerable<string> includes, string source, params IEnumerable<string> arguments)
    {
        List<string> all =
        [
            $"--target={target.Triple}", "-x", "c++", "-std=c++17", "-ffreestanding", "-nostdinc", "-w", "-fno-color-diagnostics",
        ];
        List<string> folders = [.. includes];
        folders.Insert(Math.Min(1, folders.Count), ownHeaders);
        foreach (string include in folders)
        {
            all.Add("-I");
            all.Add(include);
        }
        all.AddRange(arguments);
        all.Add(source);
        Output output = Start(CompilerPath, all);
        if (output.ExitCode != 0)
        {
            string[] lines = output.Error.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
            string first = lines.FirstOrDefault(line => line.Contains("error:", StringComparison.Ordinal)) ?? lines.FirstOrDefault() ?? "no message";
            throw new ExtractException($"{first} (clang {Version} for {target.Triple} stopped with status {output.ExitCode})");
        }
        return output.Standard;
    }

    private static Output Start(string program, IEnumerable<string> arguments)
    {
        ProcessStartInfo start = new(program) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (string argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }
        using Process process = Process.Start(start)!;
        Task<string> error = process.StandardError.ReadToEndAsync();
        using MemoryStream standard = new();
        process.StandardOutput.BaseStream.CopyTo(standard);
        process.WaitForExit();
        return new Output(process.ExitCode, standard.ToArray(), error.GetAwaiter().GetResult());
    }

    private static string FirstLine(string text) => text.Split('\n')[0].Trim();

    [GeneratedRegex(@"clang version (\d+)")]
    private static partial Regex VersionPattern();

    private sealed record Output(int ExitCode, byte[] Standard, string Error);
}
