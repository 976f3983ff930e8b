using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using Trt.Interop;
using Trt.Interop.Cuda;

namespace Trt.GpuTests;

/// <summary>Exchange with other programs: DLPack with C++ in this process, handles of the driver with another process of this program and with PyTorch.</summary>
internal sealed unsafe class InteropChecks(Checks checks, Files files, Device device)
{
    private const int Count = 1000;

    public void Run()
    {
        if (NativeLoops.Find(files.TryFind("libgpu_benchmark.so"), out string reason) is { } loops)
        {
            Taken(loops.Module);
            Made(loops.Module);
        }
        else
        {
            checks.Skip("DLPack with C++", reason);
        }

        checks.That("streams and events of others, by their handles", Streams);
        if (device.IsHost)
        {
            checks.Skip("handles for other processes", "the host stand-in's memory is its process's own");
            return;
        }

        checks.That("memory and events of another process of this program", OtherProcess);
        checks.That("memory that PyTorch opens and writes", PyTorch);
        checks.Refuses<CudaException>("a process does not open what it has exported", () =>
        {
            using DeviceMemory<float> memory = new(Count, device);
            DeviceMemory<float>.OpenIpc(memory.GetIpcHandle(out _), Count, 0, device).Dispose();
        });
        checks.Refuses<CudaException>("memory of a pool has no such handle", () =>
        {
            using CudaStream stream = new(device);
            using DeviceMemory<float> memory = DeviceMemory<float>.AllocateAsync(Count, stream);
            memory.GetIpcHandle(out _);
        }, "DeviceMemoryPool.ExportPointer");
        if (files.HasLean(8))
        {
            checks.That("8.6.0 takes its memory from a pool", TensorRtFromPool);
        }

        checks.That("a pool and its memory through a file descriptor", SharedPool);
    }

    private void Taken(nint module)
    {
        var take = (delegate* unmanaged<nint, uint, nint, int>)NativeLibrary.GetExport(module, "dlpack_take");
        var takeVersioned = (delegate* unmanaged<nint, uint, nint, int>)NativeLibrary.GetExport(module, "dlpack_take_versioned");
        checks.That("C++ takes our DLPack tensors, writes into them and gives them back", () =>
        {
            using CudaStream stream = new(device);
            foreach (bool versioned in (bool[])[false, true])
            {
                using DeviceMemory<int> memory = new(Count, device);
                memory.Clear();
                int released = 0;
                DlExportOptions options = new() { LeaveOpen = true, Released = () => released++ };
                using DeviceMemory<int> part = memory.Slice(100, 600);
                nint tensor = versioned ? DlPack.ExportVersioned(part, [20, 30], options) : DlPack.Export(part, [20, 30], options);
                int result = versioned ? takeVersioned(tensor, 77, device.IsHost ? 0 : stream) : take(tensor, 77, device.IsHost ? 0 : stream);
                int[] values = memory.ToArray();
                if (result != 0 || released != 1)
                {
                    return $"C++ answers {result}, the deleter was called {released} times";
                }

                if (!values.AsSpan().SequenceEqual([.. Enumerable.Range(0, Count).Select(i => i is >= 100 and < 700 ? 77 : 0)]))
                {
                    return $"the values are {string.Join(' ', values.Take(8))} …";
                }
            }

            return null;
        });
        checks.That("a read-only tensor is told as such, and memory that goes with the tensor is freed by its deleter", () =>
        {
            DeviceMemory<int> memory = new(Count, device);
            int result = takeVersioned(DlPack.ExportVersioned(memory, [Count], new DlExportOptions { IsReadOnly = true }), 1, 0);
            return result == -3 && memory.IsDisposed ? null : $"C++ answers {result}, freed: {memory.IsDisposed}";
        });
    }

    private void Made(nint module)
    {
        var make = (delegate* unmanaged<int, int, nint>)NativeLibrary.GetExport(module, "dlpack_make");
        var makeVersioned = (delegate* unmanaged<int, int, ulong, nint>)NativeLibrary.GetExport(module, "dlpack_make_versioned");
        var deleted = (delegate* unmanaged<int>)NativeLibrary.GetExport(module, "dlpack_deleted");
        checks.That("C++ gives us DLPack tensors, and each deleter is called once", () =>
        {
            int type = (int)(device.IsHost ? DlDeviceType.Cpu : DlDeviceType.Cuda);
            float[] expected = [.. Enumerable.Range(0, 12).Select(i => i * 0.5f)];
            foreach (bool versioned in (bool[])[false, true])
            {
                int before = deleted();
                nint made;
                using (device.Use())
                {
                    made = versioned ? makeVersioned(type, device.Ordinal, 1) : make(type, device.Ordinal);
                }

                DlTensor tensor = versioned ? DlTensor.ImportVersioned(made) : DlTensor.Import(made);
                if (tensor.Device != device || !tensor.Shape.SequenceEqual([3L, 4L]) || tensor.IsReadOnly != versioned || tensor.Pointer % 256 != (device.IsHost ? tensor.Pointer % 256 : 0))
                {
                    return $"{tensor} on {tensor.Device}, read-only: {tensor.IsReadOnly}";
                }

                using DeviceMemory<float> memory = tensor.AsMemory<float>(forReading: versioned);
                if (!memory.ToArray().AsSpan().SequenceEqual(expected))
                {
                    return $"the values are {string.Join(' ', memory.ToArray())}";
                }

                if (deleted() != before)
                {
                    return "the deleter was called too early";
                }

                tensor.Dispose();
                tensor.Dispose();
                if (deleted() != before + 1)
                {
                    return $"the deleter was called {deleted() - before} times";
                }
            }

            return null;
        });
    }

    private string? Streams()
    {
        using CudaStream owner = new(device);
        CudaStream borrowed = CudaStream.FromHandle(owner.Handle, device);
        using DeviceMemory<int> memory = new(Count, device);
        using DeviceMemory<int> view = DeviceMemory<int>.FromPointer(memory.Pointer, Count, device);
        view.FillAsync(5, borrowed);
        borrowed.Dispose(); // gives up nothing
        view.Dispose();
        owner.Synchronize();
        return memory.ToArray().AsSpan().IndexOfAnyExcept(5) < 0 ? null : "the values are wrong";
    }

    private string? OtherProcess()
    {
        using DeviceMemory<float> memory = new(Count + 100, device);
        using DeviceMemory<float> part = memory.Slice(100, Count);
        using CudaEvent mark = new(device, EventFlags.Interprocess | EventFlags.DisableTiming);
        using CudaStream stream = new(device);
        using PinnedMemory<float> values = new(Count, device);
        Fill(values.Span);
        memory.Clear();
        part.CopyFromAsync(values, stream);
        stream.Record(mark);
        IpcMemoryHandle handle = part.GetIpcHandle(out long offset);
        if (offset != 400)
        {
            return $"the slice begins at byte {offset} of its allocation";
        }

        string? wrong = Start(Environment.ProcessPath!, Self([.. IpcChild.Arguments(handle, offset, Count, mark.GetIpcHandle())]));
        if (wrong is not null)
        {
            return wrong;
        }

        stream.Wait(mark); // recorded by the other process now
        part.CopyToAsync(values, stream);
        stream.Synchronize();
        for (int i = 0; i < Count; i++)
        {
            if (values.Span[i] != (2 * i) + 1)
            {
                return $"value {i} is {values.Span[i]}";
            }
        }

        return null;
    }

    private string? PyTorch()
    {
        string script = Path.Combine(AppContext.BaseDirectory, "native", "ipc_torch.py");
        if (Start("python3", ["-c", "import torch"]) is not null)
        {
            throw new MissingException("python3 here has no PyTorch");
        }

        using DeviceMemory<float> memory = new(Count + 50, device);
        using DeviceMemory<float> part = memory.Slice(50, Count);
        float[] values = new float[Count];
        Fill(values);
        part.CopyFrom(values);
        IpcMemoryHandle handle = part.GetIpcHandle(out long offset);
        string? wrong = Start("python3", [script, Convert.ToHexString(handle.ToArray()), offset.ToString(CultureInfo.InvariantCulture), Count.ToString(CultureInfo.InvariantCulture)]);
        if (wrong is not null)
        {
            return wrong;
        }

        part.CopyTo(values);
        int first = Array.FindIndex([.. values.Select((value, i) => value == (2 * i) + 1)], equal => !equal);
        return first < 0 ? null : $"value {first} is {values[first]}";
    }

    private string? TensorRtFromPool()
    {
        const string Plan = "unet.vc_excl";
        using DeviceMemoryPool pool = new(device) { ReleaseThreshold = ulong.MaxValue };
        using PoolGpuAllocator allocator = new(pool);
        string? wrong;
        using (IRuntime runtime = TensorRt.Load(files.Lean(8)).CreateInferRuntime(checks.Logger()))
        {
            runtime.SetGpuAllocator(allocator);
            using ICudaEngine engine = runtime.DeserializeCudaEngine(files.Plan(Plan));
            using PlanRun run = new(engine, device, files.Inputs(Plan, 0), 0);
            run.Enqueue();
            using Utils.NpzFile answers = files.Answers(Plan);
            wrong = run.Difference(answers, "set0");
        }

        checks.Note($"{allocator.TotalAllocations} allocations, {pool.UsedBytesPeak >> 20} MiB in use at most");
        return wrong
            ?? (allocator.TotalAllocations == 0 ? "TensorRT asked for nothing" : null)
            ?? (allocator.LiveAllocations != 0 ? $"{allocator.LiveAllocations} allocations were not given back" : null);
    }

    private string? SharedPool()
    {
        using CudaStream stream = new(device);
        using DeviceMemoryPool pool = new(device, isShareable: true) { ReleaseThreshold = ulong.MaxValue };
        using DeviceMemory<int> memory = pool.Allocate<int>(Count, stream);
        memory.FillAsync(31, stream);
        stream.Synchronize();
        using Microsoft.Win32.SafeHandles.SafeFileHandle descriptor = pool.Export();
        using DeviceMemoryPool imported = DeviceMemoryPool.Import(descriptor, device);
        using DeviceMemory<int> same = imported.ImportPointer<int>(pool.ExportPointer(memory), Count, stream);
        string? wrong = same.ToArray().AsSpan().IndexOfAnyExcept(31) < 0 ? null : "the values are wrong";
        same.Dispose();
        stream.Synchronize();
        return wrong;
    }

    private static void Fill(Span<float> values)
    {
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = i * 0.5f;
        }
    }

    /// <summary>The program started as dotnet program.dll has its file as the first argument.</summary>
    private static string[] Self(string[] arguments) =>
        Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet" ? [typeof(InteropChecks).Assembly.Location, .. arguments] : arguments;

    /// <summary>Runs a process; what it says when it fails.</summary>
    private string? Start(string program, string[] arguments)
    {
        try
        {
            using Process process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true, RedirectStandardOutput = true })!;
            Task<string> output = process.StandardOutput.ReadToEndAsync(), errors = process.StandardError.ReadToEndAsync();
            if (!process.WaitForExit(60_000))
            {
                process.Kill(entireProcessTree: true);
                return $"{program} did not come to an end within a minute";
            }

            if (output.Result.Trim() is { Length: > 0 } said)
            {
                checks.Note(said);
            }

            return process.ExitCode == 0 ? null : $"{program} ended with {process.ExitCode}: {errors.Result.Trim()}";
        }
        catch (System.ComponentModel.Win32Exception error)
        {
            return $"{program} could not be started: {error.Message}";
        }
    }
}
