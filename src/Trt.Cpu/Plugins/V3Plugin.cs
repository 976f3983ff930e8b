using Trt.Interop;

namespace Trt.Cpu;

/// <summary>A plugin of the third version; owned when it is a clone, or a creator made it.</summary>
internal sealed unsafe class V3Plugin : Plugin
{
    private readonly IPluginV3 target;
    private readonly bool owned;
    private IPluginV3OneBuild? build;
    private IPluginV3OneRuntime? runtime;
    private PluginIdentity? identity;

    public V3Plugin(IPluginV3 target, bool owned)
    {
        this.target = target;
        this.owned = owned;
    }

    public IPluginV3 Target => target;

    public override PluginFamily Family => PluginFamily.V3;

    public override PluginIdentity Identity => identity ??= ReadIdentity();

    public override int FormatCombinationLimit => Ask("IPluginV3OneBuild::getFormatCombinationLimit", () => Build.FormatCombinationLimit);

    public override string? TimingCacheId => Ask("IPluginV3OneBuild::getTimingCacheID", () => Build.TimingCacheID);

    public override string? Metadata => Ask("IPluginV3OneBuild::getMetadataString", () => Build.MetadataString);

    private IPluginV3OneBuild Build => build ??= Capability<IPluginV3OneBuild>(PluginCapabilityType.Build, "build");

    private IPluginV3OneRuntime Runtime => runtime ??= Capability<IPluginV3OneRuntime>(PluginCapabilityType.Runtime, "runtime");

    public override int CountOutputs() => Ask("IPluginV3OneBuild::getNbOutputs", () => Build.NbOutputs);

    public override DataType[] OutputTypes(DataType[] inputs)
    {
        DataType[] outputs = new DataType[CountOutputs()];
        Demand("IPluginV3OneBuild::getOutputDataTypes", () => Build.GetOutputDataTypes(outputs, inputs));
        return outputs;
    }

    public override DimExpr[][] OutputShapes(DimExpr[][] inputs, DimExpr[][] shapeInputs, ExprBuilder builder)
    {
        const string method = "IPluginV3OneBuild::getOutputShapes";
        DimsExprs[] outputs = new DimsExprs[CountOutputs()];
        Demand(method, () => Build.GetOutputShapes(Array.ConvertAll(inputs, ExprBuilder.Wrap), Array.ConvertAll(shapeInputs, ExprBuilder.Wrap), outputs, builder));
        return Array.ConvertAll(outputs, shape => Unwrap(shape, method));
    }

    public override bool Supports(int position, DynamicPluginTensorDesc[] tensors, int inputs) =>
        Ask("IPluginV3OneBuild::supportsFormatCombination", () => Build.SupportsFormatCombination(position, tensors, inputs, tensors.Length - inputs));

    public override void Configure(DynamicPluginTensorDesc[] inputs, DynamicPluginTensorDesc[] outputs) =>
        Demand("IPluginV3OneBuild::configurePlugin", () => Build.ConfigurePlugin(inputs, outputs));

    public override long WorkspaceSize(DynamicPluginTensorDesc[] inputs, DynamicPluginTensorDesc[] outputs) =>
        Ask("IPluginV3OneBuild::getWorkspaceSize", () => checked((long)Build.GetWorkspaceSize(inputs, outputs)));

    public override int[] Tactics()
    {
        int count = Ask("IPluginV3OneBuild::getNbTactics", () => Build.NbTactics);
        if (count <= 0)
        {
            return [];
        }

        const string method = "IPluginV3OneBuild::getValidTactics";
        int[] tactics = new int[count];
        Demand(method, () => Build.GetValidTactics(tactics));
        return tactics.Contains(0) || tactics.Distinct().Count() != count
            ? throw Failure($"{method} gave {string.Join(", ", tactics)}; tactics must be different and not 0.", ErrorCode.InvalidArgument)
            : tactics;
    }

    public override void SetTactic(int tactic) => Demand("IPluginV3OneRuntime::setTactic", () => Runtime.SetTactic(tactic));

    public override int AliasedInput(int output) =>
        Build is IPluginV3OneBuildV2 aliasing ? Ask("IPluginV3OneBuildV2::getAliasedInput", () => aliasing.GetAliasedInput(output)) : -1;

    public override (IReadOnlyList<PlanPluginField> Fields, byte[] Data) Serialize()
    {
        const string method = "IPluginV3OneRuntime::getFieldsToSerialize";
        PluginFieldCollection? collection = Ask(method, () => Runtime.FieldsToSerialize);
        return (collection is null ? [] : [.. collection.Fields.Select(field => PluginFields.Copy(field, this, method))], []);
    }

    public override Plugin Clone() => Copy(Must("IPluginV3::clone", Ask("IPluginV3::clone", target.Clone)));

    public override Plugin Attach(IPluginResourceContext context) =>
        Copy(Must("IPluginV3OneRuntime::attachToContext", Ask("IPluginV3OneRuntime::attachToContext", () => Runtime.AttachToContext(context))));

    public override void ChangeShapes(PluginTensorDesc[] inputs, PluginTensorDesc[] outputs) =>
        Demand("IPluginV3OneRuntime::onShapeChange", () => Runtime.OnShapeChange(inputs, outputs));

    public override void Enqueue(PluginTensorDesc* inputDescs, PluginTensorDesc* outputDescs, nint* inputs, nint* outputs, nint workspace)
    {
        const string method = "IPluginV3OneRuntime::enqueue";
        int status;
        try
        {
            status = Runtime.Enqueue(new UnsizedArray<PluginTensorDesc>(inputDescs), new UnsizedArray<PluginTensorDesc>(outputDescs),
                new UnsizedArray<nint>(inputs), new UnsizedArray<nint>(outputs), workspace, 0);
        }
        catch (Exception error)
        {
            throw Failure($"{method} threw {error.GetType().Name}: {error.Message}", cause: error);
        }

        if (status != 0)
        {
            throw Failed(method, status);
        }
    }

    public override void Dispose()
    {
        if (owned)
        {
            (target as IDisposable)?.Dispose();
        }
    }

    private V3Plugin Copy(IPluginV3 copy) => new(copy, owned: true) { Owner = Owner, identity = identity };

    private PluginIdentity ReadIdentity()
    {
        // Until its name is known, messages name the class.
        identity = new PluginIdentity(target.GetType().Name, "?", string.Empty);
        try
        {
            IPluginV3OneCore core = Capability<IPluginV3OneCore>(PluginCapabilityType.Core, "core");
            return Ask("IPluginV3OneCore::getPluginName", () => new PluginIdentity(core.PluginName, core.PluginVersion, core.PluginNamespace));
        }
        finally
        {
            identity = null;
        }
    }

    private T Capability<T>(PluginCapabilityType type, string role)
        where T : class => Ask("IPluginV3::getCapabilityInterface", () => target.GetCapabilityInterface(type)) as T
            ?? throw Failure($"IPluginV3::getCapabilityInterface gave no {role} capability.", ErrorCode.InvalidArgument);
}
