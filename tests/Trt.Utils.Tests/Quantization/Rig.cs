using Trt.Cpu;
using Trt.Interop;
using Trt.Interop.NvOnnxParser;

namespace Trt.Utils.Tests.Quantization;

/// <summary>A builder of a library with networks, plans and runs of the CPU runtime.</summary>
internal sealed class Rig : IDisposable
{
    private readonly List<IDisposable> owned = [];

    public Rig(TensorRtLibrary? library = null)
    {
        CpuRuntime.Register();
        Library = library ?? TestTarget.Library ?? TensorRt.Load(new TensorRtOptions { Flavour = Flavour.Cpu });
        Builder = Own(Library.CreateInferBuilder(Log));
    }

    public TensorRtLibrary Library { get; }

    public CollectingLogger Log { get; } = new();

    public IBuilder Builder { get; }

    public T Own<T>(T item)
        where T : IDisposable
    {
        owned.Add(item);
        return item;
    }

    public INetworkDefinition Network(bool isStronglyTyped = false) => Own(Builder.CreateNetworkV2(isStronglyTyped ? [NetworkDefinitionCreationFlag.StronglyTyped] : TestTarget.NetworkFlags(Library)));

    public IBuilderConfig Config() => Own(Builder.CreateBuilderConfig());

    /// <summary>A network that the library's parser makes of a model.</summary>
    public INetworkDefinition Parsed(string path, bool isStronglyTyped = false)
    {
        INetworkDefinition network = Network(isStronglyTyped);
        Own(Library.CreateParser(network, Log)).ParseFromFile(path, (int)Severity.Warning);
        return network;
    }

    public byte[] Plan(INetworkDefinition network, IBuilderConfig config)
    {
        if (!TestTarget.IsCpu)
        {
            // The goldens have all bits of a float.
            config.ClearFlag(BuilderFlag.TF32);
        }

        using IHostMemory plan = Builder.BuildSerializedNetwork(network, config);
        return plan.AsSpan().ToArray();
    }

    /// <summary>One profile that allows extents up to those given and prefers them.</summary>
    public void Profile(IBuilderConfig config, params (string Input, Dims Min, Dims Max)[] inputs)
    {
        IOptimizationProfile profile = Builder.CreateOptimizationProfile();
        foreach ((string input, Dims min, Dims max) in inputs)
        {
            profile.SetDimensions(input, OptProfileSelector.Min, min);
            profile.SetDimensions(input, OptProfileSelector.Opt, max);
            profile.SetDimensions(input, OptProfileSelector.Max, max);
        }

        config.AddOptimizationProfile(profile);
    }

    /// <summary>The outputs of a plan for some inputs; all outputs are 32-bit floats.</summary>
    public Dictionary<string, float[]> Run(byte[] plan, params (string Name, Array Values, Dims Shape)[] inputs)
    {
        using IRuntime runtime = Library.CreateInferRuntime(Log);
        using ICudaEngine engine = runtime.DeserializeCudaEngine(plan);
        using IExecutionContext context = engine.CreateExecutionContext();
        using PinnedBuffers buffers = new();
        Dictionary<string, float[]> outputs = new(StringComparer.Ordinal);
        foreach ((string name, Array values, Dims shape) in inputs)
        {
            context.SetInputShape(name, shape);
            context.SetTensorAddress(name, buffers.Add(values));
        }

        for (int i = 0; i < engine.NbIOTensors; i++)
        {
            string name = engine.GetIOTensorName(i);
            if (engine.GetTensorIOMode(name) == TensorIOMode.Output)
            {
                outputs[name] = new float[context.GetTensorShape(name).Volume];
                context.SetTensorAddress(name, buffers.Add(outputs[name]));
            }
        }

        context.EnqueueV3(0);
        TestDevice.Synchronize();
        return outputs;
    }

    public void Dispose()
    {
        for (int i = owned.Count - 1; i >= 0; i--)
        {
            owned[i].Dispose();
        }

        Builder.Dispose();
    }
}
