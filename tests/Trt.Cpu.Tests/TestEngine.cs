using Trt.Interop;

namespace Trt.Cpu.Tests;

/// <summary>A builder, a runtime and their log, for tests that need an engine of their own.</summary>
internal sealed class TestEngine : IDisposable
{
    private readonly List<IDisposable> owned = [];

    public CollectingLogger Log { get; } = new();

    public IBuilder Builder => builder ??= Own(TestLibrary.Current.CreateInferBuilder(Log));

    public IRuntime Runtime => runtime ??= Own(TestLibrary.Current.CreateInferRuntime(Log));

    private IBuilder? builder;
    private IRuntime? runtime;

    public T Own<T>(T item)
        where T : IDisposable
    {
        owned.Add(item);
        return item;
    }

    /// <summary>An empty network.</summary>
    public INetworkDefinition Network(params ReadOnlySpan<NetworkDefinitionCreationFlag> flags) => Own(Builder.CreateNetworkV2(TestTarget.NetworkFlags(TestLibrary.Current, flags)));

    public byte[] Plan(INetworkDefinition network, Action<IBuilderConfig>? configure = null)
    {
        using IBuilderConfig config = Builder.CreateBuilderConfig();
        if (!TestLibrary.IsCpu)
        {
            // The goldens have all bits of a float.
            config.ClearFlag(BuilderFlag.TF32);
        }

        configure?.Invoke(config);
        using IHostMemory plan = Builder.BuildSerializedNetwork(network, config);
        return plan.AsSpan().ToArray();
    }

    public ICudaEngine Load(ReadOnlySpan<byte> plan) => Own(Runtime.DeserializeCudaEngine(plan));

    /// <summary>y = relu(x), x of shape [-1, 3] with one profile.</summary>
    public byte[] DynamicRelu(int least = 1, int greatest = 4)
    {
        INetworkDefinition network = Network();
        ITensor x = network.AddInput("x", DataType.Float, [-1, 3]);
        ITensor y = network.AddActivation(x, ActivationType.Relu).GetOutput(0);
        y.Name = "y";
        network.MarkOutput(y);
        return Plan(network, config =>
        {
            IOptimizationProfile profile = Builder.CreateOptimizationProfile();
            profile.SetDimensions("x", OptProfileSelector.Min, [least, 3]);
            profile.SetDimensions("x", OptProfileSelector.Opt, [least, 3]);
            profile.SetDimensions("x", OptProfileSelector.Max, [greatest, 3]);
            config.AddOptimizationProfile(profile);
        });
    }

    public void Dispose()
    {
        for (int i = owned.Count - 1; i >= 0; i--)
        {
            owned[i].Dispose();
        }
    }
}
