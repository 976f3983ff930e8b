namespace Trt.Utils;

/// <summary>Whether a plan runs somewhere, as far as its head tells.</summary>
public enum PlanVerdict
{
    /// <summary>Nothing speaks against it.</summary>
    Fits,

    /// <summary>It does under conditions that the head does not show; <see cref="PlanFit.Text"/> names them.</summary>
    Depends,

    /// <summary>It does not.</summary>
    Refused,
}
