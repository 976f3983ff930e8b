using System.Diagnostics;
using System.Runtime.InteropServices;
using Trt.Interop.Cuda;

namespace Trt.Utils.Tests.Kernels;

/// <summary>A device that looks like a GPU, has its memory and streams on the host, and runs a kernel's source as C++ that g++ compiled.</summary>
/// <param name="library">What <see cref="Compile"/> made.</param>
internal sealed unsafe class HostKernelsApi(nint library) : IDeviceApi, IModuleApi
{
    private readonly HostDeviceApi host = new(1);
    private readonly List<string> names = [];

    public int Launches { get; private set; }

    public string Name => "host-kernels";

    public bool IsHost => false;

    public int DeviceCount => 1;

    public int CurrentDevice => 0;

    public IMemoryApi Memory => host.Memory;

    public IStreamApi Streams => host.Streams;

    public IGraphApi Graphs => host.Graphs;

    public IModuleApi Modules => this;

    /// <summary>Compiles kernels; null where there is no g++.</summary>
    /// <param name="source">The source's name without ending.</param>
    /// <param name="kernels">The kernels in it.</param>
    public static nint? Compile(string source, params string[] kernels)
    {
        string folder = Directory.CreateTempSubdirectory("kernels").FullName;
        string file = Path.Combine(folder, "host.cpp"), output = Path.Combine(folder, "host.so");
        File.WriteAllText(file, $$"""
            #include "host_cuda.h"
            #include "{{source}}.cu"
            extern "C" int launch(const char *name, const unsigned *grid, const unsigned *block, const char *arguments)
            {
            {{string.Join('\n', kernels.Select(kernel => $"    if (!std::strcmp(name, \"{kernel}\")) return run_kernel({kernel}, grid, block, arguments), 0;"))}}
                return 1;
            }
            """);
        try
        {
            using Process compiler = Process.Start("g++", ["-O2", "-ffp-contract=off", "-shared", "-fPIC", "-I", Checkout.Path("native/kernels"), "-o", output, file]);
            compiler.WaitForExit();
            return compiler.ExitCode == 0 ? NativeLibrary.Load(output) : throw new InvalidOperationException($"g++ does not compile {file}.");
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return null;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    public void SetCurrentDevice(int device)
    {
    }

    public nint Enter(int device) => 0;

    public void Leave(nint token)
    {
    }

    public DeviceProperties GetProperties(int device) => host.GetProperties(device) with { ComputeCapability = new Version(9, 0) };

    public int GetAttribute(int device, DeviceAttribute attribute) => host.GetAttribute(device, attribute);

    public MemoryInfo GetMemoryInfo(int device) => host.GetMemoryInfo(device);

    public void Synchronize(int device) => host.Synchronize(device);

    public nint RetainPrimaryContext(int device) => host.RetainPrimaryContext(device);

    public void ReleasePrimaryContext(int device) => host.ReleasePrimaryContext(device);

    public bool CanAccessPeer(int device, int peer) => false;

    public void EnablePeerAccess(int device, int peer) => host.EnablePeerAccess(device, peer);

    public void DisablePeerAccess(int device, int peer) => host.DisablePeerAccess(device, peer);

    public nint Load(int device, ReadOnlySpan<byte> image) => 1;

    public void Unload(int device, nint module)
    {
    }

    public nint GetFunction(int device, nint module, string name)
    {
        names.Add(name);
        return names.Count;
    }

    public void Launch(int device, nint function, Dim3 grid, Dim3 block, uint sharedBytes, nint stream, ReadOnlySpan<byte> arguments)
    {
        Launches++;
        byte[] copy = arguments.ToArray();
        byte[] name = [.. System.Text.Encoding.ASCII.GetBytes(names[(int)function - 1]), 0];
        uint[] sizes = [grid.X, grid.Y, grid.Z, block.X, block.Y, block.Z];
        HostDeviceApi.StreamFromHandle(stream).Enqueue(
            _ =>
            {
                delegate* unmanaged<byte*, uint*, uint*, byte*, int> launch = (delegate* unmanaged<byte*, uint*, uint*, byte*, int>)NativeLibrary.GetExport(library, "launch");
                fixed (byte* text = name, values = copy)
                {
                    fixed (uint* six = sizes)
                    {
                        if (launch(text, six, six + 3, values) != 0)
                        {
                            throw new InvalidOperationException("There is no such kernel in the compiled library.");
                        }
                    }
                }
            },
            null);
    }
}
