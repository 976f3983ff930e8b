using System.Diagnostics;
using System.Reflection;

namespace Trt.GpuTests;

/// <summary>Drivers that are too old or broken: small libraries in place of libcuda.so.1, compiled where there is a compiler.</summary>
internal sealed class StubDriver : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("trt-stub-driver-").FullName;

    /// <summary>Compiles one.</summary>
    /// <param name="source">Its C++ source; null: the one that answers what the environment says.</param>
    /// <exception cref="MissingException">There is no compiler here.</exception>
    public StubDriver(string? source = null)
    {
        string file = Path.Combine(folder, "stub_driver.cpp");
        File.WriteAllText(file, source ?? Text());
        try
        {
            ProcessStartInfo start = new("g++", ["-shared", "-fPIC", "-Wl,-soname,libcuda.so.1", "-o", Path.Combine(folder, "libcuda.so.1"), file]) { RedirectStandardError = true };
            using Process process = Process.Start(start)!;
            string said = process.StandardError.ReadToEnd();
            process.WaitForExit();
            if (process.ExitCode != 0)
            {
                throw new InvalidOperationException($"g++ did not compile the stub of a driver: {said}");
            }
        }
        catch (System.ComponentModel.Win32Exception)
        {
            Dispose();
            throw new MissingException("there is no g++ to compile the stub of a driver with");
        }
    }

    /// <summary>What a child's loader is to search first.</summary>
    public string SearchPath => $"{folder}:{Environment.GetEnvironmentVariable("LD_LIBRARY_PATH")}";

    public void Dispose() => Directory.Delete(folder, recursive: true);

    private static string Text()
    {
        using Stream stream = Assembly.GetExecutingAssembly().GetManifestResourceStream("stub_driver.cpp")!;
        using StreamReader reader = new(stream);
        return reader.ReadToEnd();
    }
}
