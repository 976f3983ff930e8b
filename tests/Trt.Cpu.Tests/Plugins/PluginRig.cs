using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Trt.Interop;
using Trt.Interop.Cuda;
using Trt.Interop.Loading;
using Trt.Tests.Goldens;
using Xunit;

namespace Trt.Cpu.Tests.Plugins;

/// <summary>Builders and runtimes for tests of plugins: the CPU runtime itself, or seen through stub → vtable → proxy.</summary>
internal sealed class PluginRig(bool direct, string release = "10.16") : IDisposable
{
    private readonly LoopBackLibrary library = new(CpuRuntime.Provider, release);
    private readonly List<IDisposable> owned = [];

    public CollectingLogger Log { get; } = new();

    public static TheoryData<bool> Ways => new() { true, false };

    public T Own<T>(T item)
        where T : IDisposable
    {
        owned.Add(item);
        return item;
    }

    public IBuilder Builder() => Own(direct ? CpuRuntime.Provider.CreateInferBuilder(Log) : library.CreateInferBuilder(Log));

    public IRuntime Runtime() => Own(direct ? CpuRuntime.Provider.CreateInferRuntime(Log) : library.CreateInferRuntime(Log));

    /// <summary>A plan of a network; inputs with a shape of their own in the profile are given as min, opt, max.</summary>
    public byte[] Build(Action<INetworkDefinition> define, (string Name, Dims Min, Dims Opt, Dims Max)[]? shapes = null, Action<IBuilderConfig>? configure = null, bool typed = true,
        (string Name, long[] Min, long[] Opt, long[] Max)[]? values = null)
    {
        using IBuilder builder = direct ? CpuRuntime.Provider.CreateInferBuilder(Log) : library.CreateInferBuilder(Log);
        using INetworkDefinition network = builder.CreateNetworkV2(typed && release != "8.6.1" ? [NetworkDefinitionCreationFlag.StronglyTyped] : [NetworkDefinitionCreationFlag.ExplicitBatch]);
        define(network);
        using IBuilderConfig config = builder.CreateBuilderConfig();
        configure?.Invoke(config);
        if (shapes is not null || values is not null)
        {
            IOptimizationProfile profile = builder.CreateOptimizationProfile();
            foreach ((string name, Dims min, Dims opt, Dims max) in shapes ?? [])
            {
                profile.SetDimensions(name, OptProfileSelector.Min, min);
                profile.SetDimensions(name, OptProfileSelector.Opt, opt);
                profile.SetDimensions(name, OptProfileSelector.Max, max);
            }

            foreach ((string name, long[] min, long[] opt, long[] max) in values ?? [])
            {
                profile.SetShapeValuesV2(name, OptProfileSelector.Min, min);
                profile.SetShapeValuesV2(name, OptProfileSelector.Opt, opt);
                profile.SetShapeValuesV2(name, OptProfileSelector.Max, max);
            }

            config.AddOptimizationProfile(profile);
        }

        using IHostMemory plan = builder.BuildSerializedNetwork(network, config);
        return plan.AsSpan().ToArray();
    }

    /// <summary>An engine of a fresh runtime whose registry has these creators.</summary>
    public ICudaEngine Load(byte[] plan, params ReadOnlySpan<IPluginCreatorInterface> creators)
    {
        IRuntime runtime = Runtime();
        foreach (IPluginCreatorInterface creator in creators)
        {
            bool registered = creator is IPluginCreatorV3One v3 ? runtime.PluginRegistry.RegisterCreator(creator, v3.PluginNamespace)
                : runtime.PluginRegistry.RegisterCreator(creator, ((IPluginCreator)creator).PluginNamespace);
            Assert.True(registered);
        }

        return Own(runtime.DeserializeCudaEngine(plan));
    }

    /// <summary>Runs with these inputs; outputs may have any size.</summary>
    public static (Dims Dims, T[] Values)[] Run<T>(IExecutionContext context, (string Name, Dims Dims, Array Values)[] inputs, params string[] outputs)
        where T : unmanaged
    {
        using PinnedBuffers memory = new();
        List<GrowingHostOutput> allocators = [];
        List<(Dims Dims, T[] Values)> results = [];
        foreach ((string name, Dims dims, Array values) in inputs)
        {
            context.SetInputShape(name, dims);
            context.SetTensorAddress(name, memory.Add(values));
        }

        try
        {
            foreach (string name in outputs)
            {
                Dims dims = context.GetTensorShape(name);
                results.Add((dims, new T[dims.IsStatic ? dims.Volume : 0]));
                if (dims.IsStatic)
                {
                    context.SetTensorAddress(name, memory.Add(results[^1].Values));
                    continue;
                }

                GrowingHostOutput output = new();
                allocators.Add(output);
                context.SetOutputAllocator(name, output);
            }

            using CudaStream stream = new(TestDevice.Current);
            context.EnqueueV3(stream);
            TestDevice.Synchronize(stream);
            Queue<GrowingHostOutput> unknown = new(allocators);
            return [.. results.Select(result => result.Dims.IsStatic ? result : Read(unknown.Dequeue()))];
        }
        finally
        {
            allocators.ForEach(output => output.Dispose());
        }

        static (Dims Dims, T[] Values) Read(GrowingHostOutput output) => (output.Shape, MemoryMarshal.Cast<byte, T>(output.Read(output.Shape.Volume * Unsafe.SizeOf<T>())).ToArray());
    }

    public void Dispose()
    {
        for (int i = owned.Count - 1; i >= 0; i--)
        {
            owned[i].Dispose();
        }
    }
}
