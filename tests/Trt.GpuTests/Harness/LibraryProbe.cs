using System.Runtime.InteropServices;
using System.Text.Json;
using Trt.Cpu;
using Trt.Interop;
using Trt.Interop.Loading;

namespace Trt.GpuTests;

/// <summary>Loads one library and writes down what it is: the work of a child process, since some libraries crash where others refuse.</summary>
internal static class LibraryProbe
{
    /// <summary>The library that a part runs on.</summary>
    public static TensorRtLibrary Load(FoundLibrary found, Action<Severity, string>? log = null)
    {
        if (found.Kind != LibraryKind.Rehearsal)
        {
            return TensorRt.Load(new TensorRtOptions { LibraryPath = found.Path, Log = log });
        }

        CpuRuntime.Register();
        string release = found.Path["cpu:".Length..];
        return release == "direct" ? TensorRt.Load(new TensorRtOptions { Flavour = Flavour.Cpu })
            : release.StartsWith("rtx-", StringComparison.Ordinal) ? new LoopBackLibrary(CpuRuntime.Provider, release["rtx-".Length..], rtx: true)
            : new LoopBackLibrary(CpuRuntime.Provider, release);
    }

    /// <summary>Looks at a library, and writes what it found into a file after each step, so that a crash loses one step only.</summary>
    public static void Run(FoundLibrary found, string file)
    {
        if (!found.IsMain)
        {
            bool loaded = NativeLibrary.TryLoad(found.Path, out _);
            Write(loaded ? found : found with { Problem = "it cannot be loaded" + Reason(found.Path) }, file);
            return;
        }

        Write(found with { Problem = "loading it ended the process" }, file);
        TensorRtLibrary library;
        try
        {
            library = Load(found);
        }
        catch (Exception exception) when (exception is TensorRtNotFoundException or ArgumentException)
        {
            Write(found with { Problem = exception.Message.ReplaceLineEndings(" ") }, file);
            return;
        }

        FoundLibrary known = found with { Title = library.ToString(), Flavour = library.Flavour, Version = library.Version.ToString(), Release = library.Release, HasBuilder = library.HasBuilder };
        Write(known with { HasBuilder = false, Problem = "making a runtime ended the process" }, file);
        Silence silence = new();
        List<string> problems = [];
        try
        {
            library.CreateInferRuntime(silence).Dispose();
            known = known with { HasRuntime = true };
        }
        catch (Exception exception) when (exception is TensorRtException or NotSupportedException)
        {
            problems.Add($"no runtime: {exception.Message.ReplaceLineEndings(" ")}");
        }

        if (known.HasBuilder)
        {
            Write(known with { HasBuilder = false, Problem = "making a builder ended the process" }, file);
            try
            {
                library.CreateInferBuilder(silence).Dispose();
            }
            catch (Exception exception) when (exception is TensorRtException or NotSupportedException)
            {
                known = known with { HasBuilder = false };
                problems.Add($"no builder: {exception.Message.ReplaceLineEndings(" ")}");
            }
        }

        Write(known with { Problem = problems.Count == 0 ? null : string.Join("; ", problems) }, file);
    }

    private static void Write(FoundLibrary found, string file) => File.WriteAllText(file, JsonSerializer.Serialize(found, Journal.Json));

    private static string Reason(string path)
    {
        try
        {
            NativeLibrary.Free(NativeLibrary.Load(path));
            return string.Empty;
        }
        catch (Exception exception) when (exception is DllNotFoundException or BadImageFormatException)
        {
            return ": " + exception.Message.ReplaceLineEndings(" ");
        }
    }

    private sealed class Silence : ILogger
    {
        public void Log(Severity severity, string msg)
        {
        }
    }
}
