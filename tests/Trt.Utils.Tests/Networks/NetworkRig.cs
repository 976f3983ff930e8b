using Trt.Cpu;
using Trt.Interop;
using Trt.Interop.Cuda;
using Trt.Interop.Loading;

namespace Trt.Utils.Tests.Networks;

/// <summary>A network under construction, its engine, and runs of it.</summary>
internal sealed class NetworkRig : IDisposable
{
    private readonly IBuilder builder;
    private readonly List<ModelInput> inputs = [];
    private readonly List<BuilderFlag> flags = [];
    private readonly List<IDisposable> owned = [];

    /// <param name="library">A library; when null the CPU runtime, or what a program runs the tests against.</param>
    /// <param name="isTyped">Whether the network is strongly typed.</param>
    public NetworkRig(TensorRtLibrary? library = null, bool isTyped = false)
    {
        Library = library ?? TestTarget.Library ?? new ManagedLibrary(CpuRuntime.Provider);
        builder = Own(Library.CreateInferBuilder(Log));
        Network = Own(builder.CreateNetworkV2(isTyped ? [NetworkDefinitionCreationFlag.StronglyTyped] : TestTarget.NetworkFlags(Library)));
    }

    public CollectingLogger Log { get; } = new();

    public TensorRtLibrary Library { get; }

    public INetworkDefinition Network { get; }

    public ICudaEngine? Engine { get; private set; }

    public T Own<T>(T item)
        where T : IDisposable
    {
        owned.Add(item);
        return item;
    }

    public ITensor Input(string name, params long[] dims) => Network.AddInput(name, DataType.Float, new Dims(dims));

    public ITensor Input(ModelInput input)
    {
        inputs.Add(input);
        return Network.AddInput(input.Name, input.Type, input.Dimensions);
    }

    public void Output(ITensor tensor, string name)
    {
        tensor.Name = name;
        Network.MarkOutput(tensor);
    }

    /// <summary>Defines a model, and notes the profile of its inputs.</summary>
    public NetworkRig Define(IModelBuilder model, WeightsMap weights)
    {
        model.Define(Network, weights);
        inputs.AddRange(model.InputsFor(weights));
        return this;
    }

    public void Profile(string name, long[] min, long[] max) => inputs.Add(new ModelInput(name, DataType.Float, new Dims([.. min.Select(_ => -1L)]), new Dims(min), new Dims(max), new Dims(max)));

    /// <summary>Sets a flag for the build.</summary>
    public NetworkRig WithFlag(BuilderFlag flag)
    {
        flags.Add(flag);
        return this;
    }

    /// <summary>Builds the plan.</summary>
    public byte[] Build(Action<IBuilderConfig>? configure = null)
    {
        using IBuilderConfig config = builder.CreateBuilderConfig();
        if (!TestTarget.IsCpu)
        {
            // What is expected has all bits of a float.
            config.ClearFlag(BuilderFlag.TF32);
        }

        configure?.Invoke(config);
        flags.ForEach(config.SetFlag);
        if (inputs.Exists(input => input.IsDynamic))
        {
            IOptimizationProfile profile = builder.CreateOptimizationProfile();
            inputs.ForEach(input => input.AddTo(profile));
            config.AddOptimizationProfile(profile);
        }

        try
        {
            using IHostMemory plan = builder.BuildSerializedNetwork(Network, config);
            return plan.AsSpan().ToArray();
        }
        catch (TensorRtException exception)
        {
            throw new InvalidOperationException(string.Join('\n', [exception.Message, .. Log.Errors.Take(5)]), exception);
        }
    }

    /// <summary>Builds an engine, once.</summary>
    public ICudaEngine Load()
    {
        if (Engine is null)
        {
            byte[] plan = Build();
            IRuntime runtime = Own(Library.CreateInferRuntime(Log));
            Engine = Own(runtime.DeserializeCudaEngine(plan));
        }

        return Engine;
    }

    public HostTensor Run(HostTensor input)
    {
        Load();
        string name = Enumerable.Range(0, Engine!.NbIOTensors).Select(Engine.GetIOTensorName).Single(io => Engine.GetTensorIOMode(io) == TensorIOMode.Input);
        return Run((name, input)).Values.Single();
    }

    public Dictionary<string, HostTensor> Run(params (string Name, HostTensor Tensor)[] given)
    {
        ICudaEngine engine = Load();
        using IExecutionContext context = engine.CreateExecutionContext();
        using PinnedBuffers pins = new();
        foreach ((string name, HostTensor tensor) in given)
        {
            context.SetInputShape(name, new Dims(tensor.Shape));
            context.SetTensorAddress(name, pins.Add(tensor.Values));
        }

        Dictionary<string, HostTensor> outputs = [];
        for (int i = 0; i < engine.NbIOTensors; i++)
        {
            string name = engine.GetIOTensorName(i);
            if (engine.GetTensorIOMode(name) == TensorIOMode.Output)
            {
                Dims shape = context.GetTensorShape(name);
                HostTensor output = new(HostTensor.New(engine.GetTensorDataType(name), shape.Volume), shape.ToArray());
                context.SetTensorAddress(name, pins.Add(output.Values));
                outputs.Add(name, output);
            }
        }

        using CudaStream stream = new(TestDevice.Current);
        context.EnqueueV3(stream);
        TestDevice.Synchronize(stream);
        return outputs;
    }

    public void Dispose()
    {
        for (int i = owned.Count - 1; i >= 0; i--)
        {
            owned[i].Dispose();
        }
    }
}
