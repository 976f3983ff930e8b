using Trt.Interop;

namespace Trt.Utils;

/// <summary>Values for some weights of an engine, held until the refit.</summary>
internal abstract class RefitGift
{
    /// <summary>What it gives values to; a later gift with the same key takes its place.</summary>
    public abstract string Key { get; }

    /// <summary>The weights' name; null where layer and role stand for it, or where it gives several.</summary>
    public virtual string? Name => null;

    /// <summary>Hands the values to a refitter.</summary>
    public abstract void GiveTo(IRefitter refitter);

    /// <summary>Makes sure that the values are still there; called right before a library reads them.</summary>
    /// <exception cref="ObjectDisposedException">What held them has been disposed.</exception>
    public virtual void Check()
    {
    }

    /// <summary>The refitter that it was given to goes.</summary>
    public virtual void Release()
    {
    }

    /// <summary>How weights without a name are called.</summary>
    public static string Label(string layer, WeightsRole role) => $"{layer} ({role})";
}
