using Trt.Interop;

namespace Trt.Cpu;

/// <summary>A user's plugin, of whatever family, as builder and engine call it.</summary>
/// <remarks>Every call is guarded: what the plugin throws, and every status that is not 0, becomes a refusal that names layer, plugin and method.</remarks>
internal abstract unsafe class Plugin : IDisposable
{
    /// <summary>The layer's name, for messages.</summary>
    public required string Owner { get; set; }

    public abstract PluginFamily Family { get; }

    public abstract PluginIdentity Identity { get; }

    /// <summary>How many combinations of types and formats are looked at.</summary>
    public virtual int FormatCombinationLimit => 1;

    public abstract int CountOutputs();

    public abstract DataType[] OutputTypes(DataType[] inputs);

    /// <summary>Shapes of all outputs.</summary>
    /// <param name="inputs">Shapes of the inputs.</param>
    /// <param name="shapeInputs">Values of the shape inputs.</param>
    /// <param name="builder">Makes expressions, and knows which outputs are size tensors afterwards.</param>
    public abstract DimExpr[][] OutputShapes(DimExpr[][] inputs, DimExpr[][] shapeInputs, ExprBuilder builder);

    /// <summary>Whether type and format of a tensor suit the plugin.</summary>
    public abstract bool Supports(int position, DynamicPluginTensorDesc[] tensors, int inputs);

    public abstract void Configure(DynamicPluginTensorDesc[] inputs, DynamicPluginTensorDesc[] outputs);

    public abstract long WorkspaceSize(DynamicPluginTensorDesc[] inputs, DynamicPluginTensorDesc[] outputs);

    /// <summary>What distinguishes plugins of one identity in a timing cache; null where times are not to be kept.</summary>
    public virtual string? TimingCacheId => null;

    /// <summary>The plugin's own words about how it was made; null for none.</summary>
    public virtual string? Metadata => null;

    /// <summary>The plugin's own tactics.</summary>
    public virtual int[] Tactics() => [];

    public virtual void SetTactic(int tactic)
    {
    }

    /// <summary>The input that an output overwrites, or −1.</summary>
    public virtual int AliasedInput(int output) => -1;

    /// <summary>What the plan keeps of the plugin.</summary>
    public abstract (IReadOnlyList<PlanPluginField> Fields, byte[] Data) Serialize();

    /// <summary>A copy, to be disposed by the caller.</summary>
    public abstract Plugin Clone();

    /// <summary>Called once on an engine's plugin before contexts are made.</summary>
    public virtual void Initialize()
    {
    }

    /// <summary>The copy for a context.</summary>
    public abstract Plugin Attach(IPluginResourceContext context);

    public abstract void ChangeShapes(PluginTensorDesc[] inputs, PluginTensorDesc[] outputs);

    public abstract void Enqueue(PluginTensorDesc* inputDescs, PluginTensorDesc* outputDescs, nint* inputs, nint* outputs, nint workspace);

    public abstract void Dispose();

    /// <summary>A refusal with the plugin's name.</summary>
    public Refusal Failure(string text, ErrorCode code = ErrorCode.InternalError, Exception? cause = null) =>
        new(code, code == ErrorCode.InternalError || code == ErrorCode.InvalidState ? Refusal.InternalError : Refusal.ApiUsage, $"{Owner}: plugin {Identity}: {text}", cause);

    /// <summary>Calls the plugin for an answer.</summary>
    protected T Ask<T>(string method, Func<T> call)
    {
        try
        {
            return call();
        }
        catch (Exception error) when (error is not Refusal)
        {
            throw Failure($"{method} threw {error.GetType().Name}: {error.Message}", cause: error);
        }
    }

    /// <summary>Calls the plugin for a status.</summary>
    protected void Demand(string method, Func<int> call)
    {
        int status = Ask(method, call);
        if (status != 0)
        {
            throw Failed(method, status);
        }
    }

    protected Refusal Failed(string method, int status) => Failure($"{method} failed with status {status}.");

    /// <summary>An answer that must be there.</summary>
    protected T Must<T>(string method, T? answer)
        where T : class => answer ?? throw Failure($"{method} gave null.");

    /// <summary>A shape that the plugin made of expressions.</summary>
    protected DimExpr[] Unwrap(DimsExprs shape, string method)
    {
        DimExpr[] dims = new DimExpr[shape.NbDims];
        for (int axis = 0; axis < dims.Length; axis++)
        {
            dims[axis] = DimensionExpr.Of(shape[axis])?.Value
                ?? throw Failure($"{method} gave a dimension on axis {axis} that no expression builder made.", ErrorCode.InvalidArgument);
        }

        return dims;
    }
}
