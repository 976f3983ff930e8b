namespace Trt.Interop.Tests.Libraries;

/// <summary>A builder, a network with one layer, and a configuration: what a build needs, disposed in order.</summary>
internal sealed class SmallNetwork : IDisposable
{
    /// <param name="library">Makes it.</param>
    /// <param name="logger">Hears it, or null.</param>
    /// <param name="layers">How many activations follow one another.</param>
    public SmallNetwork(TensorRtLibrary library, ILogger? logger = null, int layers = 1)
    {
        Library = library;
        Builder = library.CreateInferBuilder(logger ?? new CollectingLogger());
        Network = Builder.CreateNetworkV2(BuilderLibrary.Flags(library));
        Config = Builder.CreateBuilderConfig();
        BuilderLibrary.Target(library, Config);
        Input = Network.AddInput("x", DataType.Float, [1, 3, 8, 8]);
        Layer = Network.AddActivation(Input, ActivationType.Relu);
        Output = Layer.GetOutput(0);
        for (int i = 1; i < layers; i++)
        {
            Output = Network.AddActivation(Output, ActivationType.Relu).GetOutput(0);
        }

        Output.Name = "y";
        Network.MarkOutput(Output);
    }

    public TensorRtLibrary Library { get; }

    public IBuilder Builder { get; }

    public INetworkDefinition Network { get; }

    public IBuilderConfig Config { get; }

    public ITensor Input { get; }

    public IActivationLayer Layer { get; }

    public ITensor Output { get; }

    /// <summary>Builds and gives the plan's size.</summary>
    public long Build()
    {
        using IHostMemory plan = Builder.BuildSerializedNetwork(Network, Config);
        return (long)plan.Size;
    }

    /// <summary>A layer whose kernel has one value too few: the build refuses it.</summary>
    public void AddWrongConvolution()
    {
        Weights kernel = Weights.From(new float[80]);
        IConvolutionLayer wrong = Network.AddConvolutionNd(Input, 3, [3, 3], kernel, Weights.Empty());
        Network.MarkOutput(wrong.GetOutput(0));
    }

    public void Dispose()
    {
        Config.Dispose();
        Network.Dispose();
        Builder.Dispose();
    }
}
