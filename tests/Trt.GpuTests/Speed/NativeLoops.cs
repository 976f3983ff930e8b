using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Trt.GpuTests;

/// <summary>native/gpu_benchmark: loops of calls in C++ over objects and streams of this process. Each gives the nanoseconds of all rounds, or −1 when a call failed.</summary>
internal sealed unsafe class NativeLoops
{
    private const string FileName = "libgpu_benchmark.so";

    private NativeLoops(nint module)
    {
        Module = module;
        HasDriver = ((delegate* unmanaged<int>)NativeLibrary.GetExport(module, "benchmark_open"))() != 0;
        Enqueue = (delegate* unmanaged<int, void*, nint, long, long>)NativeLibrary.GetExport(module, "calls_enqueue");
        EnqueueAndWait = (delegate* unmanaged<int, void*, nint, long, long>)NativeLibrary.GetExport(module, "calls_enqueue_and_wait");
        SetTensorAddress = (delegate* unmanaged<int, void*, byte*, nint, long, long>)NativeLibrary.GetExport(module, "calls_set_tensor_address");
        SetInputShape = (delegate* unmanaged<int, void*, byte*, long*, int, long, long>)NativeLibrary.GetExport(module, "calls_set_input_shape");
        NbIOTensors = (delegate* unmanaged<int, void*, long, long>)NativeLibrary.GetExport(module, "calls_nb_io_tensors");
        TensorShape = (delegate* unmanaged<int, void*, byte*, long, long>)NativeLibrary.GetExport(module, "calls_tensor_shape");
        Launch = (delegate* unmanaged<nint, nint, long, long>)NativeLibrary.GetExport(module, "calls_launch");
        LaunchAndWait = (delegate* unmanaged<nint, nint, long, long>)NativeLibrary.GetExport(module, "calls_launch_and_wait");
        CopyToDevice = (delegate* unmanaged<nint, nint, nuint, nint, long, long>)NativeLibrary.GetExport(module, "calls_copy_to_device");
    }

    /// <summary>The library, for the loops of other parts.</summary>
    public nint Module { get; }

    public bool HasDriver { get; }

    public delegate* unmanaged<int, void*, nint, long, long> Enqueue { get; }

    public delegate* unmanaged<int, void*, nint, long, long> EnqueueAndWait { get; }

    public delegate* unmanaged<int, void*, byte*, nint, long, long> SetTensorAddress { get; }

    public delegate* unmanaged<int, void*, byte*, long*, int, long, long> SetInputShape { get; }

    public delegate* unmanaged<int, void*, long, long> NbIOTensors { get; }

    public delegate* unmanaged<int, void*, byte*, long, long> TensorShape { get; }

    public delegate* unmanaged<nint, nint, long, long> Launch { get; }

    public delegate* unmanaged<nint, nint, long, long> LaunchAndWait { get; }

    public delegate* unmanaged<nint, nint, nuint, nint, long, long> CopyToDevice { get; }

    /// <summary>Loads the library that lies beside the program, or compiles it there with g++.</summary>
    /// <param name="file">The library; null: libgpu_benchmark.so beside the program, or made by build.sh of its folder gpu_benchmark.</param>
    /// <param name="reason">Why there is none.</param>
    public static NativeLoops? Find(string? file, out string reason)
    {
        string folder = Path.Combine(AppContext.BaseDirectory, "native", "gpu_benchmark");
        file ??= Path.Combine(AppContext.BaseDirectory, FileName);
        reason = string.Empty;
        if (!File.Exists(file))
        {
            string output = Directory.CreateTempSubdirectory("gpu_benchmark").FullName;
            try
            {
                using Process build = Process.Start(new ProcessStartInfo("bash", [Path.Combine(folder, "build.sh"), output]) { RedirectStandardError = true, RedirectStandardOutput = true })!;
                Task<string> written = build.StandardOutput.ReadToEndAsync();
                string errors = build.StandardError.ReadToEnd();
                build.WaitForExit();
                _ = written.Result;
                if (build.ExitCode != 0)
                {
                    reason = $"{folder}/build.sh failed: {errors.Trim()}";
                    return null;
                }
            }
            catch (System.ComponentModel.Win32Exception error)
            {
                reason = $"{folder}/build.sh could not be started: {error.Message}";
                return null;
            }

            file = Path.Combine(output, FileName);
        }

        return new NativeLoops(NativeLibrary.Load(file));
    }
}
