using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Trt.Build;

/// <summary>ONNX Runtime's native library, which the CPU runtime runs on: fetched once through npm, without running any script of the package.</summary>
internal static class OnnxRuntimeLibrary
{
    /// <summary>The release that bindings/models describes.</summary>
    public const string Version = "1.30.0";

    /// <summary>The variable by which the loader is told where the library is.</summary>
    public const string Variable = "TRT_ONNXRUNTIME_LIBRARY";

    // SHA-512 of the package's archive, as npm's lock files have it.
    private const string Integrity = "twhs1C2C/BFkz1yc5OY0KIU2GUq6DURO7hD4bx5Q2Qy3nAMJwRXW8xU3NVczE29VA9lolLOYepoD8fjTGOfIqw==";

    /// <summary>Fetches the library if it is not there yet, and names it to the programs started from here.</summary>
    public static void Provide(Repository repository)
    {
        if (Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } own)
        {
            Console.WriteLine($"ONNX Runtime: {own} ({Variable} is set)");
            return;
        }

        (string rid, string member, string file) = Platform();
        string folder = Path.Combine(repository.Cache, "onnxruntime", rid);
        string library = Path.Combine(folder, file);
        string stamp = Path.Combine(folder, "version.txt");
        if (!File.Exists(library) || !File.Exists(stamp) || File.ReadAllText(stamp).Trim() != Version)
        {
            Fetch(repository, member, library);
            File.WriteAllText(stamp, Version + "\n");
        }

        Environment.SetEnvironmentVariable(Variable, library);
    }

    private static (string Rid, string Member, string File) Platform()
    {
        string arch = RuntimeInformation.ProcessArchitecture switch
        {
            Architecture.X64 => "x64",
            Architecture.Arm64 => "arm64",
            Architecture other => throw Unsupported(other),
        };
        if (OperatingSystem.IsLinux())
        {
            return ($"linux-{arch}", $"linux/{arch}/libonnxruntime.so.1", "libonnxruntime.so.1");
        }

        if (OperatingSystem.IsWindows())
        {
            return ($"win-{arch}", $"win32/{arch}/onnxruntime.dll", "onnxruntime.dll");
        }

        return OperatingSystem.IsMacOS() && arch == "arm64"
            ? ("osx-arm64", "darwin/arm64/libonnxruntime.1.dylib", "libonnxruntime.dylib")
            : throw Unsupported(RuntimeInformation.ProcessArchitecture);
    }

    private static BuildException Unsupported(Architecture architecture) => new(
        $"the npm package onnxruntime-node {Version} has no library for {RuntimeInformation.OSDescription} on {architecture}. Set {Variable} to a library of your own.");

    private static void Fetch(Repository repository, string member, string library)
    {
        string npm = SystemPackages.Provide("which fetches ONNX Runtime", "npm", "install Node.js from https://nodejs.org/en/download", "npm")
            ?? throw new BuildException($"npm is needed once to fetch ONNX Runtime {Version}; or set {Variable} to a library of your own.");
        string folder = Path.Combine(repository.Cache, "onnxruntime", Version);
        Directory.CreateDirectory(folder);
        string archive = Path.Combine(folder, $"onnxruntime-node-{Version}.tgz");
        Console.WriteLine($"ONNX Runtime {Version}: fetching the npm package onnxruntime-node (114 MB, once)");
        (int code, string output) = Tool.Capture(folder, npm, "pack", "--silent", "--ignore-scripts", $"onnxruntime-node@{Version}");
        if (code != 0)
        {
            throw new BuildException($"npm could not fetch onnxruntime-node {Version} (exit code {code}); or set {Variable} to a library of your own.\n{output}");
        }

        CheckIntegrity(archive);

        // The library lies under bin/napi-vN; the archive itself says which N it is.
        (code, string list) = Tool.Capture(folder, "tar", "-tzf", Path.GetFileName(archive));
        string inside = list.Split('\n', StringSplitOptions.TrimEntries).FirstOrDefault(line => code == 0 && line.EndsWith("/" + member, StringComparison.Ordinal))
            ?? throw new BuildException($"{archive} holds no {member}.");
        Tool.Require($"unpacking {archive}", folder, "tar", "-xzf", Path.GetFileName(archive), inside);
        CheckHeader(Path.Combine(folder, inside));
        Directory.CreateDirectory(Path.GetDirectoryName(library)!);
        File.Move(Path.Combine(folder, inside), library, overwrite: true);
        Directory.Delete(folder, recursive: true);
    }

    private static void CheckIntegrity(string archive)
    {
        if (!File.Exists(archive))
        {
            throw new BuildException($"npm did not leave {archive}.");
        }

        using FileStream stream = File.OpenRead(archive);
        string actual = Convert.ToBase64String(SHA512.HashData(stream));
        if (actual != Integrity)
        {
            throw new BuildException($"{archive} is not the onnxruntime-node {Version} that this build was made with: its SHA-512 is {actual}, expected {Integrity}. Delete the file and try again.");
        }
    }

    private static void CheckHeader(string library)
    {
        Span<byte> head = stackalloc byte[4];
        using FileStream stream = File.OpenRead(library);
        stream.ReadExactly(head);
        bool known = head.SequenceEqual("\u007fELF"u8) || head[..2].SequenceEqual("MZ"u8) || head.SequenceEqual<byte>([0xCF, 0xFA, 0xED, 0xFE]);
        if (!known || stream.Length < 1_000_000)
        {
            throw new BuildException($"{library} is no shared library ({stream.Length} bytes).");
        }
    }
}
