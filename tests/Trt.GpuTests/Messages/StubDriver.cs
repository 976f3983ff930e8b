using System.Diagnostics;
using System.Reflection;
using System.Runtime.InteropServices;
using Trt.Interop.Cuda;

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
        File.WriteAllText(file, source ?? Text().Replace("/* the rest */", Rest(), StringComparison.Ordinal));
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

    /// <summary>Every call that a driver must have: what the C library lacks of it, less those that the source has.</summary>
    private static string Rest()
    {
        string[] own = ["cuInit", "cuDriverGetVersion", "cuDeviceGetCount", "cuGetErrorName", "cuGetErrorString"];
        return string.Join('\n', new DriverFunctions(NativeLibrary.Load("libc.so.6")).Missing.Except(own).Select(name => $"REFUSE({name})"));
    }

    private static string Text()
    {
        using Stream stream = Assembly.GetExecutingAssembly().GetManifestResourceStream("stub_driver.cpp")!;
        using StreamReader reader = new(stream);
        return reader.ReadToEnd();
    }
}
